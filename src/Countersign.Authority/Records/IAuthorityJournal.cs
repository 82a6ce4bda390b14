namespace Countersign.Authority;

/// <summary>Where the authority's events are kept. <see cref="Append"/> returns when the record is durable; a record that
/// was not acknowledged may be there or not after a crash. One writer at a time.</summary>
internal interface IAuthorityJournal : IDisposable
{
    /// <summary>All records from the beginning, in order.</summary>
    IReadOnlyList<AuthorityRecord> Load();

    void Append(AuthorityRecord record);
}

/// <summary>A journal that lasts as long as the process: for throw-away authorities.</summary>
internal sealed class MemoryJournal : IAuthorityJournal
{
    private readonly List<AuthorityRecord> _records = [];

    public IReadOnlyList<AuthorityRecord> Load() => [.. _records];
    public void Append(AuthorityRecord record) => _records.Add(record);
    public void Dispose() { }
}
