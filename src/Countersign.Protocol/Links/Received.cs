namespace Countersign.Protocol;

/// <summary>What one record held.</summary>
/// <param name="Messages">For the driver, in order; rekeys and pings are already dealt with.</param>
/// <param name="Replies">To be sent on the same link before anything that is made later.</param>
public sealed record Received(IReadOnlyList<SessionMessage> Messages, IReadOnlyList<Outgoing> Replies)
{
    /// <summary>For a driver that is done with the messages, or will not act on them: what is secret in them has an end.</summary>
    public void EndSecrets() => SessionCodec.EndSecrets(Messages);
}
