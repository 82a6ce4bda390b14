using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>Fills the revocation list of an authority that nobody has open: certifying and revoking so many devices would take long.</summary>
internal static class FilledList
{
    /// <summary>One device is certified and revoked, and as many of other serial numbers stand in the journal likewise.</summary>
    /// <param name="authority">The authority's directory.</param>
    /// <param name="entries">Of the list, from the next opening on.</param>
    /// <param name="suspectSince">Of each entry: with it an entry is as large as it can be.</param>
    /// <returns>Chains of two further devices, which are not revoked.</returns>
    public static CertificateChain[] Make(string authority, int entries, DateTimeOffset? suspectSince = null)
    {
        CertificateChain[] chains;
        Certificate revoked;
        using (var opened = AuthorityStore.Open(authority, TestWorld.Passphrase, TimeProvider.System))
        {
            var request = CertificationRequest.Create(TestKeys.Get(1));
            chains = [.. Enumerable.Range(0, 2).Select(_ => new CertificateChain([opened.IssueDevice(UserName.Parse("lost"), request), opened.Certificate]))];
            revoked = opened.IssueDevice(UserName.Parse("lost"), request);
            opened.Revoke(revoked.Serial, new(RevocationReason.Superseded, suspectSince));
        }
        var (serial, whole, at) = (revoked.Serial.ToString(), Convert.ToBase64String(revoked.Der.Span), revoked.Der.Span.IndexOf(revoked.Serial.Span));
        var journal = Path.Combine(authority, "journal.jsonl");
        var lines = File.ReadAllLines(journal);
        var (issuedLine, revokedLine) = (lines.Single(line => Unescaped(line).Contains(whole, StringComparison.Ordinal)), lines.Single(line => line.Contains(serial, StringComparison.Ordinal)));
        File.AppendAllLines(journal, Enumerable.Range(1, entries - 1).SelectMany(i =>
        {
            var other = revoked.Serial.Span.ToArray();
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(other.AsSpan(other.Length - 4), i);
            var der = revoked.Der.ToArray();
            other.CopyTo(der, at);
            return (string[])[Unescaped(issuedLine).Replace(whole, Convert.ToBase64String(der), StringComparison.Ordinal),
                revokedLine.Replace(serial, Certificate.Parse(der).Serial.ToString(), StringComparison.Ordinal)];
        }));
        return chains;
    }

    private static string Unescaped(string line) => line.Replace("\\u002B", "+", StringComparison.Ordinal);
}
