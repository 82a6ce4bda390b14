namespace Countersign.Evidence;

/// <summary>What a report keeps of an entry: none of its bytes, so that a report of a million lines is possible.</summary>
/// <param name="Position">From 0.</param>
/// <param name="Type">What it is.</param>
/// <param name="Device">Its author's device.</param>
/// <param name="User">Its author; null if that is not proved.</param>
/// <param name="Seq">Its number among its author's entries.</param>
/// <param name="Time">Its author's clock.</param>
/// <param name="NotAfter">By when it was there.</param>
/// <param name="TimeIsProved">By a time stamp.</param>
/// <param name="Text">A disclosed message's text: remote text.</param>
/// <param name="SizeClass">Bytes of a message as it was padded; null for other types.</param>
public sealed record EntryLine(ulong Position, EntryType Type, DeviceId Device, string? User, ulong Seq, DateTimeOffset Time,
    DateTimeOffset? NotAfter, bool TimeIsProved, string? Text, int? SizeClass)
{
    public static EntryLine Of(RecordEntry entry) => new(entry.Position, entry.Entry.Type, entry.Entry.Author, entry.User?.ToString(), entry.Entry.Seq,
        entry.Entry.Time, entry.NotAfter, entry.TimeIsProved, entry.Text?.Text,
        entry.Entry.Body is MessageBody body ? Math.Max(0, body.Ciphertext.Length - Cryptography.MessageCipher.Overhead) : null);
}
