using System.Globalization;
using System.Text.Json.Nodes;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The verdict for scripts: one object a line. The last one is the verdict; remote text stays as it is, escaped.</summary>
public static class JsonReport
{
    public static IEnumerable<JsonObject> Lines(BundleVerdict verdict, IEnumerable<EntryLine> entries)
    {
        foreach (var party in verdict.Summary.Parties)
            yield return Party(party);
        foreach (var entry in entries)
            yield return Entry(verdict, entry);
        foreach (var finding in verdict.Findings)
            yield return Finding(finding);
        foreach (var misconduct in verdict.Summary.Misconduct)
            yield return MisconductReport.Line(misconduct);
        foreach (var known in verdict.Summary.Revocations)
            yield return Revocations(known);
        foreach (var unused in verdict.Summary.UnusedLists)
            yield return Unused(unused);
        yield return Whole(verdict);
    }

    private static JsonObject Party(RecordParty party) => new()
    {
        ["type"] = "party",
        ["user"] = party.User.ToString(),
        ["device"] = party.Device.ToString(),
        ["joined"] = party.Joined,
        ["member"] = party.IsMember,
        ["entries"] = party.Entries,
        ["receipt"] = party.Receipt?.Kind switch { ReceiptKind.Final => "final", ReceiptKind.Delivered => "delivered", _ => null },
        ["receipt_size"] = party.Receipt?.Head.Size,
    };

    private static JsonObject Entry(BundleVerdict verdict, EntryLine entry)
    {
        var line = new JsonObject
        {
            ["type"] = "entry",
            ["position"] = entry.Position,
            ["kind"] = entry.Type.ToString().ToLowerInvariant(),
            ["user"] = entry.User,
            ["device"] = entry.Device.ToString(),
            ["seq"] = entry.Seq,
            ["time"] = Utc(entry.Time),
            ["not_after"] = entry.NotAfter is { } time ? Utc(time) : null,
            ["time_proved"] = entry.TimeIsProved,
        };
        if (entry.SizeClass is { } size)
        {
            line["size_class"] = size;
            line["state"] = State(verdict, entry);
            line["text"] = entry.Text;
        }
        if (verdict.Summary.Erased.TryGetValue(entry.Position, out var erasure))
            line["erased_by"] = erasure.Position;
        var reasons = verdict.Of(entry.Position) ?? default;
        line["verdict"] = Word(reasons.Verdict);
        line["reasons"] = Codes(reasons);
        return line;
    }

    private static JsonObject Finding(Finding finding) => new()
    {
        ["type"] = "finding",
        ["reason"] = finding.Reason.Code(),
        ["verdict"] = Word(finding.Reason.Verdict()),
        ["position"] = finding.Position,
        ["through"] = finding.Through,
        ["device"] = finding.Device?.ToString(),
        ["member"] = finding.Member?.FileName(),
        ["rule"] = finding.Rule,
    };

    private static JsonObject Revocations(KnownRevocations known) => new()
    {
        ["type"] = "revocations",
        ["ca"] = known.Authority.Subject.ToString(),
        ["certificate"] = known.Authority.Fingerprint.ToString(),
        ["known_to"] = known.KnownTo is { } to ? Utc(to) : null,
        ["list"] = known.Newest?.Number.ToString(CultureInfo.InvariantCulture),
        ["brought"] = known.IsBrought,
    };

    private static JsonObject Unused(CertificateRevocationList list) => new()
    {
        ["type"] = "unused_list",
        ["ca"] = list.Issuer.ToString(),
        ["list"] = list.Number.ToString(CultureInfo.InvariantCulture),
    };

    private static JsonObject Whole(BundleVerdict verdict) => new()
    {
        ["type"] = "verdict",
        ["verdict"] = Word(verdict.Verdict),
        ["reasons"] = Codes(verdict.Reasons),
        ["conversation"] = verdict.Manifest?.Conversation.ToString(),
        ["name"] = verdict.Summary.Name,
        ["root"] = verdict.Summary.Root?.ToString(),
        ["root_named"] = verdict.Summary.RootWasNamed,
        ["other_root"] = verdict.Summary.OtherRoot?.ToString(),
        ["time_stamps"] = verdict.Summary.TimeStamps?.ToString().ToLowerInvariant(),
        ["server"] = verdict.Summary.Server?.ToString(),
        ["size"] = verdict.Size,
        ["withheld"] = verdict.Summary.Withheld,
        ["messages"] = verdict.Summary.Messages,
        ["disclosed"] = verdict.Summary.Disclosed,
        ["erased"] = verdict.Summary.Erased.Count,
        ["closed"] = verdict.Summary.Closed,
    };

    /// <summary>disclosed, erased or withheld.</summary>
    internal static string State(BundleVerdict verdict, EntryLine entry) =>
        entry.Text is not null ? "disclosed" : verdict.Summary.Erased.ContainsKey(entry.Position) ? "erased" : "withheld";

    internal static string Word(Verdict verdict) => verdict.ToString().ToUpperInvariant();

    private static JsonArray Codes(ReasonSet reasons) => new([.. reasons.List().Select(static r => (JsonNode)r.Code())]);

    private static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
