using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>One entry as the verifier passes it, for reports. Believe it as far as <see cref="BundleVerdict.Of"/> says of its position.</summary>
/// <param name="Position">From 0.</param>
/// <param name="Entry">Its bytes, author, time, body.</param>
/// <param name="User">Whom the author's certificate names; null if it is not proved.</param>
/// <param name="Text">What a disclosed message says: remote text, to be sanitised before it is shown; null if it is withheld or no message.</param>
/// <param name="NotAfter">By when it was there at the latest; null if no head covers it.</param>
/// <param name="TimeIsProved">A time stamp says so, and not the server's word alone.</param>
public sealed record RecordEntry(
    ulong Position, Entry Entry, UserName? User, MessageContent? Text, DateTimeOffset? NotAfter, bool TimeIsProved);
