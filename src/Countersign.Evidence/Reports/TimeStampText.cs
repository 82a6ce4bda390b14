namespace Countersign.Evidence;

/// <summary>What the proved times rest on, for people.</summary>
public static class TimeStampText
{
    /// <summary>Lines of at most a hundred characters.</summary>
    public static IReadOnlyList<string> Of(TimeStampOrigin? origin) => origin switch
    {
        TimeStampOrigin.Operator =>
        [
            "For the times: that the server's operator tells the truth. The time-stamp authority is certified by an",
            "issuing CA of the server, so whoever runs the server can make such stamps and date them back. They hold",
            "against members and outsiders; against the operator they prove nothing.",
        ],
        TimeStampOrigin.Separate =>
        [
            "For the times: the clock and the key of the time-stamp authority. The CA that certified it has certified",
            "neither the server nor a device here; whether other people run it, certificates do not say.",
        ],
        _ => ["No time is proved."],
    };
}
