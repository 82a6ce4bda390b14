using System.Text.Json.Nodes;
using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Certificates as the <c>ca</c> verbs print them.</summary>
internal static class IssuedLines
{
    public static void Print(CommandContext context, IssuedCertificate issued, bool whole = false)
    {
        var certificate = issued.Certificate;
        var state = State(issued, context.Clock.GetUtcNow());
        var zone = context.Clock.LocalTimeZone;
        var text = $"{certificate.Serial}  {issued.Kind.ToString().ToLowerInvariant(),-9}  {Visible.Line(string.Join(",", issued.Names)),-24}  "
            + $"until {Times.Minute(certificate.NotAfter, zone)}  {state}";
        if (whole)
            text += $"\nfingerprint  {Fingerprints.Whole(certificate.Fingerprint)}\nissued       {Times.Minute(issued.IssuedAt, zone)}\n{certificate.ToPem().TrimEnd()}";
        context.Screen.Data(text, Json(issued, state, whole));
    }

    public static void PrintAuthority(CommandContext context, CertificateAuthority authority)
    {
        var certificate = authority.Certificate;
        var kind = authority.IsRoot ? "root" : "issuing";
        context.Screen.Data(
            $"{kind} CA       {Visible.Line(certificate.Subject.ToString())}\nfingerprint  {Fingerprints.Whole(certificate.Fingerprint)}\n"
            + $"root         {Fingerprints.Whole(authority.Root.Fingerprint)}\nuntil        {Times.Minute(certificate.NotAfter, context.Clock.LocalTimeZone)}\n"
            + $"issued       {authority.List().Count}",
            JsonLine.Of("authority", ("kind", kind), ("subject", certificate.Subject.ToString()), ("fingerprint", certificate.Fingerprint.ToString()),
                ("root", authority.Root.Fingerprint.ToString()), ("notAfter", Times.Utc(certificate.NotAfter)), ("issued", authority.List().Count)));
    }

    private static string State(IssuedCertificate issued, DateTimeOffset now) =>
        issued.Revocation is { } revoked ? $"revoked ({RevocationOptions.Words(revoked.Grounds)})"
        : now > issued.Certificate.NotAfter ? "expired"
        : "valid";

    private static JsonObject Json(IssuedCertificate issued, string state, bool whole)
    {
        var line = JsonLine.Of("certificate", ("serial", issued.Certificate.Serial.ToString()), ("kind", issued.Kind.ToString().ToLowerInvariant()),
            ("names", JsonLine.List(issued.Names)), ("fingerprint", issued.Certificate.Fingerprint.ToString()), ("notBefore", Times.Utc(issued.Certificate.NotBefore)),
            ("notAfter", Times.Utc(issued.Certificate.NotAfter)), ("state", state.Split(' ')[0]));
        if (issued.Revocation is { } revoked)
        {
            line["revokedAt"] = Times.Utc(revoked.RevokedAt);
            line["reason"] = revoked.Grounds.Reason.ToString();
            line["suspectSince"] = revoked.SuspectSince is { } since ? Times.Utc(since) : null;
        }
        if (whole)
            line["pem"] = issued.Certificate.ToPem();
        return line;
    }
}
