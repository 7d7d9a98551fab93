"""Posts a report as one comment on the pull request, or replaces the one posted before: comment.py FILE.

The comment is known by the report's first line, a marker. Whatever goes wrong (a fork's token may only read) is a warning; the
annotations of the step say the same as the comment.
"""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

TIMEOUT_S = 20
MAX_PAGES = 30  # of a hundred comments each
MAX_ANSWER_BYTES = 16 << 20


class Refused(Exception):
    """Why there is no comment; holds neither the token nor the report."""


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token elsewhere."""

    def redirect_request(self, *_):
        return None


class Comments:
    def __init__(self, api, repository, number, token):
        parts = urllib.parse.urlsplit(api)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise Refused("GITHUB_API_URL is not https")
        self.api, self.repository, self.number, self.token = api.rstrip("/"), repository, number, token
        self.opener = urllib.request.build_opener(NoRedirects)

    def ask(self, method, path, document=None):
        request = urllib.request.Request(
            f"{self.api}/repos/{self.repository}{path}", method=method,
            data=None if document is None else json.dumps(document).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Accept": "application/vnd.github+json",
                     "Content-Type": "application/json", "X-GitHub-Api-Version": "2022-11-28", "User-Agent": "weir-check"})
        try:
            with self.opener.open(request, timeout=TIMEOUT_S) as answer:
                return json.loads(answer.read(MAX_ANSWER_BYTES))
        except urllib.error.HTTPError as error:
            raise Refused(f"GitHub answers {error.code} to {method}") from None
        except (OSError, ValueError) as error:
            raise Refused(f"GitHub cannot be reached: {type(error).__name__}") from None

    def find(self, marker):
        for page in range(1, MAX_PAGES + 1):
            comments = self.ask("GET", f"/issues/{self.number}/comments?per_page=100&page={page}")
            if not isinstance(comments, list):
                raise Refused("GitHub's answer is no list of comments")
            for comment in comments:
                if str(comment.get("body") or "").startswith(marker):
                    yield comment["id"]
            if len(comments) < 100:
                return

    def put(self, text):
        marker = text.split("\n", 1)[0]
        if not (marker.startswith("<!--") and marker.endswith("-->")):
            raise Refused("the report does not begin with a marker")
        for number in self.find(marker):
            try:
                self.ask("PATCH", f"/issues/comments/{int(number)}", {"body": text})
                return "updated"
            except Refused:
                continue  # somebody else's, who wrote the marker too
        self.ask("POST", f"/issues/{self.number}/comments", {"body": text})
        return "posted"


def pull_request():
    """The number of the pull request that the workflow runs for."""
    try:
        with open(os.environ["GITHUB_EVENT_PATH"], encoding="utf-8") as file:
            return int(json.load(file)["pull_request"]["number"])
    except (KeyError, OSError, TypeError, ValueError):
        raise Refused("the workflow does not run for a pull request") from None


def main():
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            text = file.read()
        comments = Comments(os.environ.get("GITHUB_API_URL", "https://api.github.com"), os.environ["GITHUB_REPOSITORY"],
                            pull_request(), os.environ["WEIR_TOKEN"])
        print(f"weir: the comment is {comments.put(text)}")
    except Refused as error:
        print(f"::warning title=weir::the report was not posted as a comment: {error}")
        sys.exit(1)


main()
