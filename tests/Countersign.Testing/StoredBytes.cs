namespace Countersign.Testing;

/// <summary>Changes of stored bytes, in SQLite's words.</summary>
public static class StoredBytes
{
    /// <summary>The column <c>bytes</c> with another last byte, whichever it was: a signature may well end in 00.</summary>
    public const string LastChanged = "CAST(substr(bytes,1,length(bytes)-1) || CASE substr(bytes,-1) WHEN x'00' THEN x'01' ELSE x'00' END AS BLOB)";
}
