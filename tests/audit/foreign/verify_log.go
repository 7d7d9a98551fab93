// Verifies a log's directory with golang.org/x/mod alone: the checkpoint's signature, every entry's inclusion, and that
// each tile holds the hashes that the entries give. Usage: verify_log DIR VKEY
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, arguments ...interface{}) {
	fmt.Printf(format+"\n", arguments...)
	os.Exit(1)
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func path(kind string, index, width int64) string {
	name := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		name = fmt.Sprintf("x%03d/", index%1000) + name
	}
	if width != 256 {
		name += ".p/" + strconv.FormatInt(width, 10)
	}
	return "tile/" + kind + "/" + name
}

func main() {
	if len(os.Args) != 3 {
		fail("usage: verify_log DIR VKEY")
	}
	directory := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	text, err := os.ReadFile(directory + "/checkpoint")
	check(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		fail("malformed checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	var root tlog.Hash
	decoded, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	copy(root[:], decoded)

	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, 0, len(indexes))
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for first := int64(0); first < size; first += 256 {
		width := size - first
		if width > 256 {
			width = 256
		}
		bundle, err := os.ReadFile(directory + "/" + path("entries", first/256, width))
		check(err)
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 {
				fail("bundle %d is cut", first/256)
			}
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length {
				fail("bundle %d is cut", first/256)
			}
			hashes, err := tlog.StoredHashes(first+i, bundle[2:2+length], reader)
			check(err)
			stored = append(stored, hashes...)
			bundle = bundle[2+length:]
		}
	}
	computed, err := tlog.TreeHash(size, reader)
	check(err)
	if computed != root {
		fail("root mismatch")
	}
	for index := int64(0); index < size; index += 37 {
		proof, err := tlog.ProveRecord(size, index, reader)
		check(err)
		leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		check(err)
		check(tlog.CheckRecord(proof, size, root, index, leaf[0]))
	}
	for level := int64(0); size>>(8*uint(level)) > 0; level++ {
		hashes := size >> (8 * uint(level))
		for first := int64(0); first < hashes; first += 256 {
			width := hashes - first
			if width > 256 {
				width = 256
			}
			tile, err := os.ReadFile(directory + "/" + path(strconv.FormatInt(level, 10), first/256, width))
			check(err)
			var expected []byte
			for i := first; i < first+width; i++ {
				hash, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(int(8*level), i)})
				check(err)
				expected = append(expected, hash[0][:]...)
			}
			if !bytes.Equal(tile, expected) {
				fail("tile %d/%d differs from the entries", level, first/256)
			}
		}
	}
	fmt.Printf("verified %d entries\n", size)
}
