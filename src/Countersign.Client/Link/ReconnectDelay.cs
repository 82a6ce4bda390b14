using System.Security.Cryptography;

namespace Countersign.Client;

/// <summary>Exponential backoff with full jitter: many clients that lost one server do not come back at one moment.</summary>
public class ReconnectDelay
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <param name="failures">Attempts that failed in a row, from 1.</param>
    /// <returns>Between half and the whole of 0.5 s, 1 s, 2 s … up to a minute.</returns>
    public virtual TimeSpan After(int failures)
    {
        var full = Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 16)));
        return TimeSpan.FromMilliseconds(full / 2 + RandomNumberGenerator.GetInt32((int)(full / 2) + 1));
    }
}
