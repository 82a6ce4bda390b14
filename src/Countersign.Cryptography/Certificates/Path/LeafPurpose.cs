namespace Countersign.Cryptography;

/// <summary>What a leaf is judged for: its one extended key usage (CE-07).</summary>
internal enum LeafPurpose
{
    Server,
    Device,
}

internal static class LeafPurposes
{
    public static string Oid(this LeafPurpose purpose) => purpose switch
    {
        LeafPurpose.Server => Oids.ServerAuth,
        LeafPurpose.Device => Oids.ClientAuth,
        _ => throw new ArgumentOutOfRangeException(nameof(purpose)),
    };
}
