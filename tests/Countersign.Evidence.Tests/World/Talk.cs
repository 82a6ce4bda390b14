using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>A conversation at a server, and entries that its members write with the newest head on screen.</summary>
internal sealed class Talk
{
    private static readonly HpkeSealed SomeSealed = MakeSealed();

    public Talk(params TestDevice[] members) : this(TestDevice.Now, members) { }

    public Talk(DateTimeOffset time, params TestDevice[] members)
    {
        Genesis = members[0].Author.Genesis("shift handover", members.Select(m => m.Member), time);
        Server = new Party(Genesis.Conversation, members);
        Server.Take(Genesis, time);
    }

    /// <summary>Alice (founder) and bob, both joined, with an epoch.</summary>
    public static Talk Started()
    {
        var talk = new Talk(TestDevice.Alice, TestDevice.Bob);
        talk.Server.Take(talk.Join(TestDevice.Bob));
        talk.Server.Take(talk.Epoch(TestDevice.Alice));
        return talk;
    }

    public Entry Genesis { get; }
    public Party Server { get; }
    public Conversation Conversation => Server.Conversation;

    public AuthorPlace Place(TestDevice author) => Conversation.NextPlace(author.Id);

    public Entry Join(TestDevice author) => author.Author.Join(Place(author), TestDevice.Now);

    public Entry Members(TestDevice author, IEnumerable<TestDevice>? added = null, IEnumerable<TestDevice>? removed = null) =>
        author.Author.Members(Place(author), TestDevice.Now, (added ?? []).Select(d => d.Member), (removed ?? []).Select(d => d.Id));

    public Entry Epoch(TestDevice author) => Epoch(author, Conversation.Members.Devices);

    public Entry Epoch(TestDevice author, IEnumerable<DeviceId> sealedTo) =>
        author.Author.Epoch(Place(author), TestDevice.Now, MerkleHash.Empty, sealedTo.Select(SomeCopy));

    public Entry Message(TestDevice author, string text = "yes") => Message(author, Place(author), text);

    public Entry Message(TestDevice author, AuthorPlace place, string text = "yes", EntryHash? epoch = null, DateTimeOffset? time = null) =>
        author.Author.Message(place, time ?? TestDevice.Now, epoch ?? Conversation.CurrentEpoch!.Value, MerkleHash.Empty)
            .Sign(System.Text.Encoding.UTF8.GetBytes(text.PadRight(80, '\0'))); // of the smallest size that a padded text has (CK-03)

    public Entry Close(TestDevice author) => author.Author.Close(Place(author), TestDevice.Now);

    public static SealedCopy SomeCopy(DeviceId device) => new(device, new PrekeyId(device.Value), SomeSealed);

    private static HpkeSealed MakeSealed()
    {
        using var key = EcPrivateKey.Generate();
        return Hpke.Seal(key.Point, [], [], new byte[32]);
    }
}
