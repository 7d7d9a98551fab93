#!/usr/bin/env python3
"""Writes the shop's seed files: customers, orders, support tickets.

The same seed number gives the same bytes on every machine. Nobody here is real:
phones lie in ranges kept for fiction where a country has one, mail addresses
under example.com, .org and .net, cards begin with test numbers of the card
networks (and pass Luhn's check), SSN-like numbers use areas that were not issued.

A CSV file cannot tell NULL from an empty string. An empty cell here is NULL;
`<empty>` is an empty string. The staging models take the marker out wherever it
stands, so `<empty>Null` is the surname Null, which dbt would otherwise read as NULL.
"""

import argparse
import csv
import datetime as dt
import pathlib
import random

EMPTY = "<empty>"
# Fixed, so that the files do not depend on the day they are made.
TODAY = dt.datetime(2026, 10, 1, 12, 0, 0)

# (country, weight, first names, last names); every script a shop meets.
PEOPLE = [
    ("US", 30, "James Mary Robert Patricia Aaliyah Ethan Olivia Noah Emma Liam Ava Mason",
     "Smith Johnson Williams Brown O'Neill Garcia Miller Davis Rodriguez Washington"),
    ("GB", 12, "Oliver Amelia George Isla Harry Freya Siân Niamh", "Taylor Evans O'Brien Hughes Clarke-Smythe"),
    ("DE", 14, "Jürgen Käthe Björn Sören Lena Groß Anneliese Günther", "Müller Weiß Schäfer Köhler Jäger Strauß"),
    ("FR", 12, "Zoë François Hélène Éloïse Jérôme Chloé Maëlle Benoît", "Lefèvre D'Arc Dubois Çelik Noël L'Hôpital"),
    ("ES", 7, "José María Íñigo Begoña Nuño Lucía", "García Núñez Muñoz Peña Ibáñez"),
    ("PL", 5, "Łukasz Małgorzata Żaneta Paweł Światosława", "Wiśniewski Wójcik Dąbrowska Źrebięcki"),
    ("TR", 4, "İsmail Işıl Ayşe Gökçe Çağla", "Yılmaz Öztürk Şahin Kılıç"),
    ("VN", 3, "Nguyệt Dũng Phượng Thắng", "Nguyễn Trần Phạm Đặng"),
    ("GR", 4, "Γιώργος Ελένη Δημήτρης Αικατερίνη", "Παπαδόπουλος Νικολαΐδης Οικονόμου"),
    ("BG", 3, "Георги Мария Димитър Елица", "Иванов Димитрова Петров"),
    ("UA", 4, "Олександр Юлія Їжак Ґалина", "Шевченко Коваленко Ющенко"),
    ("IL", 4, "יוסף שרה דוד רחל", "כהן לוי מזרחי"),
    ("EG", 4, "محمد فاطمة أحمد نور", "السيد عبدالله حسن"),
    ("IN", 6, "आरव प्रिया सुनीता ராஜேஷ்", "शर्मा पटेल গুপ্ত"),
    ("JP", 6, "太郎 花子 さくら ケンジ", "佐藤 鈴木 高橋"),
    ("CN", 6, "伟 芳 秀英 小龙", "王 李 欧阳"),
    ("KR", 4, "민준 서연 지우", "김 이 박"),
    ("TH", 2, "สมชาย มาลี", "ศรีสุข วงศ์ไทย"),
    ("GE", 1, "გიორგი ნინო", "ბერიძე"),
    ("AM", 1, "Արամ Անի", "Պետրոսյան"),
    ("ET", 1, "አበበ ሰላም", "ተስፋዬ"),
]

LATIN = {"US", "GB", "DE", "FR", "ES", "PL", "TR", "VN"}
ZONES = [dt.timezone(dt.timedelta(minutes=minutes)) for minutes in (0, 120, -420, 330)]
PLANS = ["free", "free", "free", "basic", "basic", "pro", "enterprise"]

# What a shop's table really holds sooner or later: each of these has broken an export somewhere.
# (first name, last name, e-mail, notes)
ODD_PEOPLE = [
    ("Jennifer", EMPTY + "Null", "jennifer.null@example.com", "surname is really Null"),
    ("Conan", "O'Brien", "Conan.O'Brien@Example.COM", "it's quoted 'twice'"),
    ('Dwayne "The Rock"', "Johnson, Jr.", '"quoted local"@example.com', 'said "call me, please"'),
    ("Robert'); DROP TABLE customers;--", "Tables", "bobby.tables@example.org", "school called"),
    ("Anna\nMaria", "Line\nBreak", "anna.maria@example.com", "first line\nsecond line\n\nfourth line"),
    ("Tab\tbed", "Back\\slash", "tab.back@example.net", "C:\\temp\\new \\N \\. \\x41"),
    ("\\N", "\\.", "backslash.n@example.net", "\\N"),
    ("=HYPERLINK(\"http://evil.example\",\"click\")", "+1+1", "formula@example.com", "@SUM(A1:A9)"),
    ("<b>Bold</b>", "<script>alert(1)</script>", "html@example.com", "&amp; &lt;tags&gt; ]]>"),
    ("{{ first_name }}", "${last_name}", "template@example.com", "{% raw %}{\"json\": [1, null]}"),
    ("Zoë", "Nfc\u00e9", "ZOE@EXAMPLE.COM", "composed é"),
    ("Zoe\u0308", "Nfde\u0301", "zoe@example.com", "the same letters, decomposed"),
    ("🦊 Fuchs", "👩‍👩‍👧‍👦", "fox@example.com", "🏳️‍🌈 👍🏽 🇩🇪 1️⃣"),
    ("𠮷野", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "supplementary@example.com", "beyond the basic plane: 𐍈 𒀀"),
    ("\u202eevoli", "mirror\u200f", "bidi@example.com", "right-to-left override"),
    ("Zero\u200bWidth", "Joiner\u200d", "zero.width@example.com", "no\u00a0break\u00a0space"),
    ("İstanbul", "ıspanak", "İLKER@example.com", "dotless and dotted i"),
    ("ＦＵＬＬ", "ｗｉｄｔｈ", "ＦＵＬＬ@example.com", "full-width letters"),
    ("用户", "例子", "用户@例子.example.com", "address in another script"),
    ("Straße", "GROẞ", "strasse@example.com", "sharp s"),
    ("  spaces  ", " around ", "  spaces@example.com  ", EMPTY + "   "),
    ("A" * 255, "b" * 300, "a" * 60 + "@example.com", "long text, " * 90 + "end"),
    (EMPTY, EMPTY, EMPTY, EMPTY),
    (None, None, None, None),
    ("Prince", None, "prince@example.com", EMPTY),
    (EMPTY + "true", EMPTY + "0", EMPTY + "none", EMPTY + "NaN"),
    ("007", "1e5", "00123@example.com", "-0.0"),
    ("2024-02-30", "12:60", "dates@example.com", "31/02/1999"),
    ("line\u2028sep", "para\u2029sep", "u2028@example.com", "\u0085next line"),
    ("Twin", "One", "Twin+Shop@Example.com", "same person as the next row"),
    ("Twin", "Two", "twin+shop@example.com", "same address as the row before, in lower case"),
]

GIFTS = ["Happy birthday! 🎂", "Für dich, mit Liebe", "С днём рождения", "おめでとう", "enjoy,\n\"the team\"",
         "Call me when it arrives: {phone}", "Deliver to {first}, {email}"]

SUBJECTS = ["Cannot log in", "Refund not received", "Wrong item delivered", "Rechnung fehlt", "Où est ma commande ?",
            "請求書について", "Не работает оплата", "App crashes on start 💥", "Change of address", "Delete my account",
            "\"Urgent\", please read", "Question about plan pro"]

BODIES = [
    "Hello, I cannot log in. My address is {email}, please reset the password.",
    "Please call me back under {phone}, between 9 and 5.\nThank you,\n{first} {last}",
    "You charged my card {card} twice. I want one of the two back.",
    "For the form: my social security number is {ssn}, born {birth}.",
    "Bonjour, ma commande n'est jamais arrivée. Écrivez-moi à {email} ou appelez le {phone}. Merci, {first}",
    "Guten Tag,\n\nbitte ändern Sie meine Anschrift auf \"Hauptstraße 12, 10115 Berlin\".\n\nMfG, {first} {last}",
    "お世話になっております。請求書を {email} に送ってください。{last}",
    "Здравствуйте! Не проходит оплата картой {card}. Телефон: {phone}.",
    "The app crashes on start 😡😡😡. Version 4.2.1, build 991.",
    "My wife's e-mail is spouse.{email}, her number {phone}; she wants a copy, too.",
    "It works now, please close this ticket.",
    "Please forget me: {first} {last}, {email}, {phone}, SSN {ssn}.",
    "<p>Sent from my phone</p>, \"quoted, with commas\", and a backslash \\ at the end",
]


def luhn_digit(digits):
    total = 0
    for position, char in enumerate(reversed(digits)):
        number = int(char) * (2 if position % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return str((10 - total % 10) % 10)


def card_number(rng):
    prefix, length = rng.choice([("424242", 16), ("400000", 16), ("555555", 16), ("510510", 16), ("378282", 15)])
    digits = prefix + "".join(str(rng.randrange(10)) for _ in range(length - len(prefix) - 1))
    digits += luhn_digit(digits)
    style = rng.randrange(4)
    if length == 16 and style:
        return {1: " ", 2: "-", 3: ""}[style].join(digits[i:i + 4] for i in range(0, 16, 4))
    return digits


def phone_number(rng, country):
    if country == "GB":
        return f"+44 20 7946 0{rng.randrange(1000):03d}"
    if country == "DE":
        return f"+49 30 23125 {rng.randrange(1000):03d}"
    if country == "FR":
        return f"+33 1 99 00 {rng.randrange(100):02d} {rng.randrange(100):02d}"
    area, last = rng.choice([201, 212, 305, 312, 415, 512, 617, 702, 808, 917]), rng.randrange(100)
    return rng.choice(["({0}) 555-01{1:02d}", "+1 {0} 555 01{1:02d}", "{0}-555-01{1:02d}"]).format(area, last)


def zip_code(rng, country):
    if country == "GB":
        return f"{rng.choice(['SW1A', 'EC2V', 'M1', 'G12'])} {rng.randrange(1, 10)}{rng.choice('ABDEFG')}{rng.choice('HJLN')}"
    if country == "PL":
        return f"{rng.randrange(100):02d}-{rng.randrange(1000):03d}"
    if country == "JP":
        return f"{rng.randrange(100, 1000)}-{rng.randrange(10000):04d}"
    # Leading zeros on purpose: a ZIP is text.
    return f"{rng.randrange(500, 99999):05d}"


def moment(rng, start, end):
    return start + dt.timedelta(seconds=rng.randrange(int((end - start).total_seconds())))


def maybe(rng, value, null, empty=0.0):
    draw = rng.random()
    return None if draw < null else EMPTY if draw < null + empty else value


def flag(value):
    return None if value is None else "true" if value else "false"


def customers(rng, count):
    weights = [entry[1] for entry in PEOPLE]
    for number in range(1, count + 1):
        country, _, firsts, lasts = rng.choices(PEOPLE, weights)[0]
        first, last = rng.choice(firsts.split()), rng.choice(lasts.split())
        local = f"{first}.{last}".lower().replace("'", "") if country in LATIN and first.isascii() and last.isascii() \
            else rng.choice(["shopper", "user", "kunde", "client"])
        email = f"{local}{number}@{rng.choice(['example.com', 'example.org', 'example.net', 'mail.example.com'])}"
        if rng.random() < 0.05:
            email = email.upper() if rng.random() < 0.5 else email.replace("@", "+news@")
        email = maybe(rng, email, 0.03, 0.02)
        notes = maybe(rng, rng.choice([
            "VIP, see contract", "prefers e-mail", f"reach at {phone_number(rng, country)}", "moved, new address pending",
            f"spoke to {first}, second address {first.lower()}.{number}@example.org", "звонить после 18:00", "⚠️ chargeback"]),
            0.55, 0.10)
        odd = number - 101
        if 0 <= odd < len(ODD_PEOPLE):
            first, last, email, notes = ODD_PEOPLE[odd]
        born = dt.date(1935, 1, 1) + dt.timedelta(days=rng.randrange(74 * 365))
        yield {
            "id": number,
            "email": email,
            "first_name": first,
            "last_name": last,
            "phone": maybe(rng, phone_number(rng, country), 0.08, 0.02),
            "ssn": maybe(rng, f"{rng.randrange(850, 900)}-{rng.randrange(1, 100):02d}-{rng.randrange(1, 10000):04d}",
                         0.10 if country == "US" else 0.75),
            "card_number": maybe(rng, card_number(rng), 0.20),
            "birth_date": maybe(rng, born.isoformat(), 0.05),
            "country": maybe(rng, country, 0.01),
            "zip": maybe(rng, zip_code(rng, country), 0.04, 0.02),
            "plan": rng.choice(PLANS),
            "is_active": flag(rng.random() < 0.85),
            "marketing_consent": flag(maybe(rng, rng.random() < 0.62, 0.04)),
            "created_at": moment(rng, dt.datetime(2019, 1, 1), TODAY).isoformat(sep=" "),
            "notes": notes,
        }


def orders(rng, count, people):
    for number in range(1, count + 1):
        # A square makes few customers buy much, and leaves many with nothing.
        buyer = people[int(len(people) * rng.random() ** 2)]
        ordered = moment(rng, dt.datetime(2021, 1, 1), TODAY)
        gift = rng.random() < 0.08
        message = rng.choice(GIFTS).format(phone=buyer["phone"] or "-", first=buyer["first_name"] or "-",
                                           email=buyer["email"] or "-")
        yield {
            "id": number,
            "customer_id": buyer["id"],
            "ordered_at": ordered.isoformat(sep=" "),
            "status": rng.choices(["completed", "shipped", "placed", "returned", "cancelled"], [70, 10, 8, 7, 5])[0],
            "amount": f"{rng.choice([9.99, 19.9, 49, 120, 999.95, 0]) * rng.randrange(1, 8):.2f}",
            "currency": rng.choices(["EUR", "USD", "GBP", "JPY"], [50, 35, 10, 5])[0],
            "discount_rate": maybe(rng, f"{rng.choice([0, 0.05, 0.125, 0.3333]):.4f}", 0.30),
            "item_count": rng.randrange(1, 12),
            "coupon_code": maybe(rng, rng.choice(["WELCOME10", "SOMMER", "Früh-24", "-25%"]), 0.75, 0.05),
            "is_gift": flag(gift),
            "gift_message": message if gift else None,
        }


def tickets(rng, count, people):
    for number in range(1, count + 1):
        who = people[rng.randrange(len(people))]
        opened = moment(rng, dt.datetime(2024, 1, 1), TODAY).replace(tzinfo=dt.timezone.utc)
        closed = opened + dt.timedelta(minutes=rng.randrange(5, 20000)) if rng.random() < 0.7 else None
        text = {"email": who["email"], "phone": who["phone"], "card": who["card_number"], "ssn": who["ssn"],
                "birth": who["birth_date"], "first": who["first_name"], "last": who["last_name"]}
        body = rng.choice(BODIES).format(**{key: "(none)" if value is None else value for key, value in text.items()})
        yield {
            "id": f"TCK-{number:06d}",
            "customer_id": who["id"],
            "requester_email": who["email"],
            "subject": rng.choice(SUBJECTS),
            "body": maybe(rng, body, 0.01, 0.01),
            "priority": rng.choices(["low", "normal", "high", "urgent"], [25, 55, 15, 5])[0],
            "status": "open" if closed is None else rng.choice(["solved", "closed"]),
            "channel": rng.choice(["email", "web", "phone", "chat"]),
            # Written in several time zones: only the instant counts.
            "opened_at": opened.astimezone(rng.choice(ZONES)).isoformat(sep=" "),
            "closed_at": closed.isoformat(sep=" ") if closed else None,
            "first_reply_minutes": maybe(rng, rng.randrange(1, 3000), 0.10),
            "satisfaction": maybe(rng, rng.choice([0, 0.1, 0.25, 1 / 3, 0.5, 2 / 3, 0.75, 1]), 0.50),
        }


def write(folder, name, rows):
    # `loaded_at` stays empty here: a hook stamps it when dbt loads the table.
    with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=[*rows[0], "loaded_at"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main():
    parser = argparse.ArgumentParser(description="write the shop's seed files")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent / "seeds")
    parser.add_argument("--customers", type=int, default=3000)
    parser.add_argument("--orders", type=int, default=8000)
    parser.add_argument("--tickets", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=20261001)
    options = parser.parse_args()

    options.out.mkdir(parents=True, exist_ok=True)
    # One generator a table: more customers do not change a ticket's priority.
    people = list(customers(random.Random(f"{options.seed} customers"), options.customers))
    write(options.out, "raw_customers", people)
    write(options.out, "raw_orders", list(orders(random.Random(f"{options.seed} orders"), options.orders, people)))
    write(options.out, "raw_tickets", list(tickets(random.Random(f"{options.seed} tickets"), options.tickets, people)))


if __name__ == "__main__":
    main()
