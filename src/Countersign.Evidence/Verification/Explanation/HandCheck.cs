using System.Globalization;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>How one entry is checked by hand, with OpenSSL and sha256sum alone: certificate path, signature, leaf, path to the
/// signed head, the server's signature, the time stamp, and the text if it is disclosed (BU-23).</summary>
/// <remarks>The result is a commented shell script that cuts every byte it judges out of the bundle itself, and stops at the first
/// step that does not hold. It is to be read.</remarks>
public static class HandCheck
{
    /// <param name="bundle">The file; stays the caller's.</param>
    /// <param name="path">Its name, as the script is to name it.</param>
    /// <param name="position">The entry, from 0.</param>
    /// <param name="root">The named root; null: the bundle's own.</param>
    /// <exception cref="MalformedException">No such entry is shown, no head covers it, or the bundle is damaged: verify it first.</exception>
    public static string Explain(Stream bundle, string path, ulong position, TrustAnchor? root)
    {
        var container = BundleContainer.Open(bundle);
        var parts = BundleParts.Open(bundle, new FindingList());
        return new Steps(container, parts, parts.Anchor(root)).Write(path, position);
    }

    private sealed class Steps(BundleContainer container, BundleParts parts, TrustAnchor anchor)
    {
        private readonly ShellScript _script = new();
        private readonly Places _places = new(container);
        private readonly SparseNodes _tree = new();
        private readonly CertificateBook _book = new(anchor, parts.Certificates, parts.RevocationLists);

        public string Write(string path, ulong position)
        {
            var (place, entry) = Find(position);
            Begin(path, entry, position);
            Certificate(entry.Author.Value, "author", "sslclient");
            Sign1(entry.Bytes, place, "entry", Label.Entry, "author");
            var (head, stamp) = ChooseHead(position);
            var proof = InclusionProof.Prove(_tree, position, head.Head.Size);
            Included(proof, head, stamp);
            if (stamp is not null)
                Stamp(stamp);
            if (entry.Body is MessageBody body)
                Text(entry, body, place, position);
            _script.Run($"echo 'All steps hold: entry {position} is what its author signed, and stands in this transcript.'");
            _script.Run("echo 'Not looked up: whether a certificate was revoked.'");
            return _script.ToString();
        }

        private (Place Place, Entry Entry) Find(ulong position)
        {
            (Place, Entry)? found = null;
            foreach (var (place, item) in _places.Items(BundleMember.Entries, TranscriptItem.MaxBytes, TranscriptItem.Read, static i => CborOutput.Encode(i.Write)))
            {
                if (item.IsEntry && _tree.Size == position)
                    found = (place.Within(place.Length - item.Entry.Length, item.Entry.Length), Parse(item.Entry));
                _tree.Add(item.Level, item.IsEntry ? MerkleHash.Leaf(item.Entry.Span) : item.Root);
            }
            return found ?? throw new MalformedException("BU-23: no such entry is shown");
        }

        private static Entry Parse(ReadOnlyMemory<byte> bytes)
        {
            try
            {
                return Entry.Parse(bytes);
            }
            catch (EntryRefusedException e)
            {
                throw new MalformedException("BU-23: not an entry", e);
            }
        }

        private void Begin(string path, Entry entry, ulong position)
        {
            _script.Run("#!/bin/sh");
            _script.Comment($"Entry {position} of conversation {entry.Conversation}, checked by hand.\n"
                + "Every byte that is judged is cut out of the bundle. The script stops at the first step that does not hold.");
            _script.Run("set -eu");
            _script.Run($"bundle=$(realpath '{path.Replace("'", "'\\''", StringComparison.Ordinal)}')");
            _script.Run("cd \"$(mktemp -d)\"; pwd");
            _script.Run("cut_out() { tail -c +$(($1 + 1)) \"$bundle\" | head -c \"$2\"; }");
            _script.Comment("The root. Compare this SHA-256 with the one you were given, by another way than this file.");
            _script.Cut(_places.Certificate(anchor.Fingerprint), "root.pem");
            _script.Run("openssl x509 -in root.pem -outform DER | sha256sum");
            _script.Run($"test \"$(openssl x509 -in root.pem -outform DER | sha256sum)\" = '{anchor.Fingerprint}  -'");
        }

        // CE-01 and CE-07: without a purpose a member's certificate would do for the server's. The times are judged from the head and the stamp below.
        private void Certificate(Hash32 fingerprint, string name, string purpose)
        {
            var leaf = _book.Certificate(fingerprint) ?? throw new MalformedException("BU-12: certificate");
            _script.Comment($"The {name}'s certificate: its SHA-256 is the one the signed header names, and it leads to the root.\n"
                + "Whether it was revoked is not looked up here: the verifier does that.");
            _script.Cut(_places.Certificate(fingerprint), name + ".pem");
            _script.Run($"test \"$(openssl x509 -in {name}.pem -outform DER | sha256sum)\" = '{fingerprint}  -'");
            // Two of one name, where a CA's certificate was renewed or another CA has its name: openssl finds out which has signed.
            var issuers = parts.Certificates.Where(c => c.Subject.Equals(leaf.Issuer) && c.Fingerprint != anchor.Fingerprint).ToList();
            if (issuers.Count > 0)
                _script.Cut([.. issuers.Select(issuer => _places.Certificate(issuer.Fingerprint))], name + "-ca.pem");
            _script.Run($"openssl verify -purpose {purpose} -no_check_time -CAfile root.pem {(issuers.Count == 0 ? "" : $"-untrusted {name}-ca.pem ")}{name}.pem");
            _script.Run($"openssl x509 -in {name}.pem -noout -subject -ext subjectAltName");
            _script.Run($"openssl x509 -in {name}.pem -noout -dates -serial");
            _script.Run($"openssl x509 -in {name}.pem -noout -pubkey > {name}.pub");
        }

        // RFC 9052 section 4.4: ["Signature1", protected, external_aad, payload]
        private void Sign1(ReadOnlyMemory<byte> bytes, Place place, string name, Label purpose, string signer)
        {
            var cose = CoseSign1.Parse(bytes, ConversationLimits.MaxEntryBytes);
            var header = Places.OffsetIn(bytes, cose.ProtectedHeader) + cose.ProtectedHeader.Length;
            var payload = Places.OffsetIn(bytes, cose.Payload) + cose.Payload.Length;
            _script.Comment($"The {name}: a COSE_Sign1. Its signature is RSA-PSS with SHA-256 over [\"Signature1\", header, purpose, payload].");
            _script.Cut(place, name + ".cose");
            _script.Run("{ printf '\\204\\152Signature1'");
            _script.Run($"  cut_out {place.Offset + 2} {header - 2}"); // after the tag and the array's head
            _script.Run($"  printf {ShellScript.Bytes(CborOutput.Encode(o => o.Bytes(purpose.Text())))} # {System.Text.Encoding.ASCII.GetString(purpose.Text())}");
            _script.Run($"  cut_out {place.Offset + header + 1} {payload - header - 1}"); // after the empty map
            _script.Run($"}} > {name}.tosign");
            _script.Cut(place.Within(bytes.Length - cose.Signature.Length, cose.Signature.Length), name + ".signature");
            _script.Run($"openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -verify {signer}.pub -signature {name}.signature {name}.tosign");
        }

        // A stamped head before any other, the smallest that covers the entry.
        private (SignedHead Head, StampedHead? Stamp) ChooseHead(ulong position)
        {
            var stamp = parts.Stamps.FirstOrDefault(s => s.Head.Size > position && s.Head.Size <= _tree.Size);
            var head = stamp?.SignedHead ?? parts.Heads.FirstOrDefault(h => h.Head.Size > position && h.Head.Size <= _tree.Size);
            return (head ?? throw new MalformedException("BU-23: no head covers the entry"), stamp);
        }

        private void Included(InclusionProof proof, SignedHead head, StampedHead? stamp)
        {
            var item = Item(head, stamp);
            var (encodedHead, batchBytes) = (head.Head.Encode(), head.Batch.Bytes);
            var batchPlace = item.Within(head.Encode().Length - batchBytes.Length, batchBytes.Length);
            var cose = CoseSign1.Parse(batchBytes, ConversationLimits.MaxEntryBytes);
            _script.Comment($"The entry is leaf {proof.Index} of a tree of {proof.Size} (RFC 9162): 0x00 and the entry, hashed, then up with the siblings.\n"
                + "The root must be the one in the head.");
            _script.Run("{ printf '\\000'; cat entry.cose; } | openssl dgst -sha256 -binary > leaf");
            _script.Climb(proof, "leaf", "root.computed");
            _script.Cut(item.Within(1, encodedHead.Length), "head.cbor"); // after the array's head
            _script.Run("tail -c 32 head.cbor | cmp - root.computed");
            _script.Comment("The head is a leaf of the server's batch, whose root the server signed.");
            _script.Run("{ printf '\\000'; cat head.cbor; } | openssl dgst -sha256 -binary > leaf");
            _script.Climb(new InclusionProof(head.Index, head.Batch.Count, head.Path), "leaf", "batch.computed");
            // [count, root, time]: after the array's head and the count comes 0x58 0x20
            var root = Places.OffsetIn(batchBytes, cose.Payload) + 1 + CborOutput.Encode(o => o.UInt(head.Batch.Count)).Length + 2;
            _script.Run($"cut_out {batchPlace.Offset + root} 32 | cmp - batch.computed");
            Certificate(head.Batch.Signer, "server", "sslserver");
            Sign1(batchBytes, batchPlace, "batch", Label.HeadBatch, "server");
            _script.Run($"echo 'The server says that it was there at {ShellScript.Time(head.Batch.Time)}.'");
        }

        private Place Item(SignedHead head, StampedHead? stamp) => stamp is null
            ? _places.Items(BundleMember.Heads, HeadMax, SignedHead.Read, static h => h.Encode()).First(i => i.Item.Encode().AsSpan().SequenceEqual(head.Encode())).Place
            : StampItem(stamp).Within(1, head.Encode().Length);

        private Place StampItem(StampedHead stamp) =>
            _places.Items(BundleMember.Stamps, HeadMax + TimeStampToken.MaxSize, StampedHead.Read, static s => s.Encode())
                .First(i => i.Item.Encode().AsSpan().SequenceEqual(stamp.Encode())).Place;

        private void Stamp(StampedHead stamp)
        {
            var item = StampItem(stamp);
            _script.Comment("The time stamp over the batch (RFC 3161).");
            _script.Cut(item.Within(item.Length - stamp.Token.Der.Length, stamp.Token.Der.Length), "batch.tst");
            _script.Run($"openssl ts -verify -data batch.cose -in batch.tst -token_in -CAfile root.pem -attime {stamp.Token.Time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}");
            _script.Run("openssl ts -reply -in batch.tst -token_in -text | grep 'Time stamp'");
        }

        // AES-128-GCM with the zero nonce is AES-128-CTR from block 2 on; the signature vouches for the ciphertext.
        private void Text(Entry entry, MessageBody body, Place place, ulong position)
        {
            var key = _places.Items(BundleMember.Keys, MessageKeyItem.MaxBytes, MessageKeyItem.Read, static k => CborOutput.Encode(k.Write))
                .Where(k => k.Item.Position == position).Select(static k => (Place?)k.Place).FirstOrDefault();
            if (key is not { } item)
                return;
            var commitment = Places.OffsetIn(entry.Bytes, entry.ProtectedHeader) + entry.ProtectedHeader.Length - Hash32.Size; // kc is the header's last value
            _script.Comment("The message's key: its commitment stands in the signed header; with it the text comes out, padded with 0x80 and zeros.");
            _script.Cut(item.Within(item.Length - MessageCipher.KeySize, MessageCipher.KeySize), "key");
            _script.Run($"{{ printf '{System.Text.Encoding.ASCII.GetString(Label.KeyCommitment.Text())}\\000'; cat key; }} | openssl dgst -sha256 -binary > commitment");
            _script.Run($"cut_out {place.Offset + commitment} {Hash32.Size} | cmp - commitment");
            _script.Run($"cut_out {place.Offset + Places.OffsetIn(entry.Bytes, body.Ciphertext)} {body.Ciphertext.Length - MessageCipher.Overhead} > ciphertext");
            _script.Run("openssl enc -d -aes-128-ctr -K \"$(od -An -v -tx1 key | tr -d ' \\n')\" -iv 00000000000000000000000000000002 -in ciphertext -out padded");
            _script.Run("od -An -c padded | head -20");
        }

        private const int HeadMax = HeadBatch.MaxBytes + 2048;
    }
}
