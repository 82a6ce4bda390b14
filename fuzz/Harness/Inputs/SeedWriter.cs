using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Fuzz;

/// <summary>Makes the corpora from the project's own vectors, so that fuzzing starts from messages that are accepted.</summary>
internal static class SeedWriter
{
    private const string Bundle = "bundles/passed.zip";

    public static void Write(string vectors, string corpus)
    {
        foreach (var group in Seeds(vectors).DistinctBy(static s => (s.Target, Hash32.Sha256(s.Bytes))).GroupBy(static s => s.Target))
        {
            var folder = Directory.CreateDirectory(Path.Combine(corpus, group.Key)).FullName;
            var number = 0;
            foreach (var (_, bytes) in group)
                File.WriteAllBytes(Path.Combine(folder, $"{++number:00}"), bytes);
        }
    }

    private static IEnumerable<(string Target, byte[] Bytes)> Seeds(string vectors) =>
        [.. Recorded(vectors), .. FromBundle(vectors), .. Misconduct(vectors), .. Made(), .. Scripts("server-states", [9, 8, 5, 3, 0], 2), .. Scripts("client-states", [8, 7, 4, 2, 0], 1)];

    // vectors/session.json: a whole session, message by message.
    private static IEnumerable<(string Target, byte[] Bytes)> Recorded(string vectors)
    {
        using var session = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(vectors, "session.json")));
        var frames = new List<byte>();
        foreach (var step in session.RootElement.EnumerateArray())
        {
            var (kind, name) = (step.GetProperty("Kind").GetString()!, step.GetProperty("Name").GetString()!);
            if (!kind.Contains('→', StringComparison.Ordinal))
                continue;
            var bytes = Convert.FromHexString(step.GetProperty("Hex").GetString()!);
            if (frames.Count < 4096)
                frames.AddRange([0, 0, (byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes]);
            if (HandshakeTargets.All.Any(t => t.Name == name))
            {
                yield return (name, bytes);
                if (name == "certificates")
                    yield return ("enrolled", new Enrolled(Certificates.Parse(bytes).Chain, [], PasswordCost.Default).Encode());
                continue;
            }
            yield return (kind.StartsWith('C') ? "from-client" : "from-server", bytes);
            foreach (var part in kind.StartsWith('C') ? Signed(SessionCodec.ParseFromClient(bytes)) : Signed(SessionCodec.ParseFromServer(bytes)))
                yield return part;
        }
        yield return ("frames", [.. frames]);
    }

    private static IEnumerable<(string Target, byte[] Bytes)> Signed(IEnumerable<SessionMessage> messages)
    {
        foreach (var message in messages)
        {
            if (message is Submit submit)
            {
                yield return ("entry", submit.Entry.Bytes.ToArray());
                yield return ("cose", submit.Entry.Bytes.ToArray());
            }
            else if (message is Accepted accepted)
                yield return ("signed-head", accepted.Head.Encode());
            else if (message is PrekeysTaken taken)
                foreach (var prekey in taken.Prekeys)
                    if (prekey is { } held)
                        yield return ("prekey", held.Bytes.ToArray());
        }
    }

    private static IEnumerable<(string Target, byte[] Bytes)> FromBundle(string vectors)
    {
        var path = Path.Combine(vectors, Bundle);
        yield return ("bundle", File.ReadAllBytes(path));
        yield return ("bundle", File.ReadAllBytes(Path.Combine(vectors, "bundles/misconduct-proved.zip")));
        using var zip = ZipFile.OpenRead(path);
        byte[] Member(string name)
        {
            using var content = zip.GetEntry(name)!.Open();
            using var copy = new MemoryStream();
            content.CopyTo(copy);
            return copy.ToArray();
        }
        var heads = new CborInput(Member("heads.cbor"), allowMultipleRootValues: true);
        while (heads.BytesRemaining > 0)
            yield return ("signed-head", SignedHead.Read(heads).Encode());
        var stamps = new CborInput(Member("stamps.cbor"), allowMultipleRootValues: true);
        while (stamps.BytesRemaining > 0)
        {
            var stamp = StampedHead.Read(stamps);
            yield return ("stamped-head", stamp.Encode());
            yield return ("time-stamp-token", stamp.Token.Der.ToArray());
        }
        var receipts = new CborInput(Member("receipts.cbor"), allowMultipleRootValues: true);
        while (receipts.BytesRemaining > 0)
            yield return ("receipt", receipts.Bytes(1, Receipt.MaxBytes).ToArray());
        foreach (var (name, target) in new[] { ("certificates.pem", "certificate"), ("crls.pem", "crl") })
        {
            var text = Encoding.ASCII.GetString(Member(name));
            while (PemEncoding.TryFind(text, out var fields))
            {
                yield return (target, Convert.FromBase64String(text[fields.Base64Data]));
                if (target == "certificate")
                    yield return ("certificate-pem", Encoding.ASCII.GetBytes(text[fields.Location] + "\n"));
                text = text[fields.Location.End..];
            }
        }
    }

    private static IEnumerable<(string Target, byte[] Bytes)> Misconduct(string vectors) =>
        Directory.EnumerateFiles(Path.Combine(vectors, "misconduct"), "*.cbor").Order(StringComparer.Ordinal)
            .Select(static file => ("misconduct", File.ReadAllBytes(file))).Where(static seed => Catalogue.Find("misconduct").Try(seed.Item2)).Take(4);

    private static IEnumerable<(string Target, byte[] Bytes)> Made()
    {
        using var key = SigningKey.Generate(2048);
        var request = CertificationRequest.Create(key).Der.ToArray();
        yield return ("request", request);
        yield return ("certificate", PssCertificate());
        yield return ("enrol", CborOutput.Encode(o => o.StartArray(4).UInt(6).Bytes(new byte[16]).Bytes(request).Bytes(new byte[32]).EndArray()));
        using var secret = LoginSecret.Derive("correct horse", Salt16.Random(), PasswordCost.Least);
        using var record = secret.ToRecord();
        yield return ("register", new Register(record).Encode());
        yield return ("registered", new Registered().Encode());
        yield return ("alert", new Alert(WireCode.BadMessage).Encode());
        using var token = InvitationToken.Generate();
        using var invitation = new Invitation("chat.example:7443", ServerName.Parse("chat.example"), UserName.Parse("carol"),
            Hash32.Sha256("root"u8), token, DateTimeOffset.UnixEpoch.AddYears(57));
        yield return ("invitation", Encoding.ASCII.GetBytes(invitation.ToWord()));
        using var vault = FileTargets.OpenVault();
        yield return ("vault-wrap", vault.Wrap("correct horse", PasswordCost.Least).Encode());
        yield return ("vault-value", FileTargets.SealedValue("a value"u8));
        yield return ("record", LinkTargets.Sealed([0x81, 0x18, 0x1e]));
        yield return ("server-json", """{ "listen": "127.0.0.1:7443", "health": "127.0.0.1:7480", "timeStampAuthority": "none", "limits": { "links": 100, "drainSeconds": 5 } }"""u8.ToArray());
    }

    // Of the kind whose algorithm has parameters.
    private static byte[] PssCertificate()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=pss", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(56), DateTimeOffset.UnixEpoch.AddYears(57));
        return certificate.RawData;
    }

    // Honest sessions from each beginning, with so many messages to the link and so many in an exchange, and on it whatever an
    // honest peer may say (Trial).
    private static IEnumerable<(string Target, byte[] Bytes)> Scripts(string target, int[] toLink, int inExchange)
    {
        foreach (var start in Enum.GetValues<Start>())
        {
            yield return (target, [(byte)start]);
            yield return (target, [(byte)start, .. new byte[toLink[(int)start]], 0, 0, 1, 0, 2, .. new byte[inExchange], 3, 0, 2, .. new byte[inExchange], 5, 0]);
        }
    }
}
