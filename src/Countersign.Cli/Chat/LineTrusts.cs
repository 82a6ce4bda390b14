using Countersign.Client;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>What stands behind a line of a conversation, as this device knows it now.</summary>
internal static class LineTrusts
{
    public static LineTrust Of(ChatClient client, ConversationId conversation, TranscriptLine line) =>
        client.Conversation(conversation).Trust is ConversationTrust.Distrusted ? LineTrust.DoNotTrust : OfDevice(client, conversation, line);

    /// <summary>The same, of one whose reader has asked for what a check that failed hides.</summary>
    public static LineTrust OfDevice(ChatClient client, ConversationId conversation, TranscriptLine line) =>
        client.Members(conversation).FirstOrDefault(m => m.Device == line.Device) is { IsConfirmed: false } ? LineTrust.Look : LineTrust.Verified;
}
