using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>A misconduct file of a server's directory, judged as its reader will.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Verdict">Under the server's root.</param>
public sealed record KeptMisconduct(string Path, MisconductVerdict Verdict)
{
    internal static IReadOnlyList<KeptMisconduct> In(string directory, Certificate root) => Directory.Exists(directory)
        ? [.. Directory.GetFiles(directory, "misconduct-*.cbor").Order(StringComparer.Ordinal).Select(path => Read(path, root))]
        : [];

    private static KeptMisconduct Read(string path, Certificate root)
    {
        using var file = File.OpenRead(path);
        return new KeptMisconduct(path, MisconductVerdict.Judge(file, TrustAnchor.FromCertificate(root)));
    }
}
