using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server.Tests;

/// <summary>Things to store, by short texts: a store looks into none of them.</summary>
internal static class StoreData
{
    public static Hash32 Hash(string text) => Hash32.Sha256(System.Text.Encoding.UTF8.GetBytes(text));

    public static DeviceId Device(string text) => new(Hash(text));

    public static ConversationId Conversation(string text) => new(Hash(text));

    public static UserName Alice { get; } = TestWorld.User("alice");

    public static UserName Bob { get; } = TestWorld.User("bob");

    public static AccountRecord Record(byte fill) => new(
        Salt16.Parse(Enumerable.Repeat(fill, 16).ToArray()), PasswordCost.Least,
        Secret.CopyOf(Enumerable.Repeat(fill, 32).ToArray()), Secret.CopyOf(Enumerable.Repeat((byte)(fill + 1), 32).ToArray()));

    public static InvitationRecord Invitation(byte fill, UserName? user = null) => new(
        new InvitationId(Enumerable.Repeat(fill, 16).ToArray()), Enumerable.Repeat(fill, 32).ToArray(), user ?? Alice,
        Times.Start.AddDays(7), Times.Start, Bob);

    public static AppendedEntry Entry(string author, ulong seq, string text) => new(
        Device(author), seq, new EntryHash(Hash("hash " + text)), Hash("root " + text), System.Text.Encoding.UTF8.GetBytes(text));

    public static ConversationAppend Genesis(string conversation, params string[] members) => new(
        Conversation(conversation), 0, [Entry(members[0], 1, conversation + " genesis")], Hash("root " + conversation + " genesis"),
        [.. members.Select(static member => new MembershipChange(Device(member), true, 0))], System.Text.Encoding.UTF8.GetBytes("snapshot"));

    public static ConversationAppend Next(string conversation, ulong from, params AppendedEntry[] entries) =>
        new(Conversation(conversation), from, entries, entries[^1].Subtree, [], null);
}
