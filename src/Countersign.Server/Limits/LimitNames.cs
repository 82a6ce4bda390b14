namespace Countersign.Server;

/// <summary>The limits as operators meet them: the names of server.json, without `limits:`, in the metric countersign_limits_total.</summary>
internal static class LimitNames
{
    public const string HandshakeTime = "handshakeSeconds";
    public const string IdleTime = "idleSeconds";
    public const string Links = "links";
    public const string LinksPerAddress = "linksPerAddress";
    public const string LinksPerUser = "linksPerUser";
    public const string LinksBeforeLogin = "linksBeforeLogin";
    public const string HandshakesPerSecond = "handshakesPerSecond";
    public const string OutboundBytes = "outboundBytes";
    public const string UnansweredRequests = "unansweredRequests";
    public const string EntriesPerSecond = "entriesPerSecond";
    public const string RequestsPerSecond = "requestsPerSecond";
    public const string ConversationsPerUser = "conversationsPerUser";
    public const string StoredMiBPerUser = "storedMiBPerUser";
    public const string MembersPerConversation = "membersPerConversation";
    public const string ChangesPerConversation = "changesPerConversation";

    /// <summary>loginFailuresPerAccount or loginFailuresPerAddress: which of them, nobody needs to learn.</summary>
    public const string LoginFailures = "loginFailures";

    public const string PrekeysTakenPerHour = "prekeysTakenPerHour";
    public const string DevicesPerUser = "devicesPerUser";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        HandshakeTime, IdleTime, Links, LinksPerAddress, LinksPerUser, LinksBeforeLogin, HandshakesPerSecond, OutboundBytes, UnansweredRequests,
        EntriesPerSecond, RequestsPerSecond, ConversationsPerUser, StoredMiBPerUser, MembersPerConversation, ChangesPerConversation, LoginFailures,
        PrekeysTakenPerHour, DevicesPerUser,
    ];
}
