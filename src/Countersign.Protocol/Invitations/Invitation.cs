using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Everything a newcomer needs, in one word that a cut or a typing error does not survive: where the server is, what its
/// certificate says, the root to trust, who the newcomer will be, and the token that proves the right to it (SPEC 10).</summary>
/// <remarks>Holds a secret: dispose it after the enrolment, and never log the word.</remarks>
public sealed class Invitation : IDisposable
{
    /// <summary>What every word begins with, before the separator <c>1</c>.</summary>
    public const string Prefix = "csn";

    /// <summary>The longest word in characters: well above what the grammar's bounds allow.</summary>
    public const int MaxWordLength = 2048;

    private const ulong Version = 1;
    private const int MaxText = 255;

    /// <param name="address">host:port, at most 255 bytes of UTF-8.</param>
    /// <param name="server">The name in the server's certificate.</param>
    /// <param name="user">Whom the certificate will name.</param>
    /// <param name="root">SHA-256 of the root certificate's DER.</param>
    /// <param name="token">Owned by the invitation from here on.</param>
    /// <param name="expires">To the millisecond.</param>
    public Invitation(string address, ServerName server, UserName user, Hash32 root, InvitationToken token, DateTimeOffset expires)
    {
        if (address.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(address) > MaxText)
            throw new ArgumentException($"An address has 1 to {MaxText} bytes.", nameof(address));
        Address = address;
        Server = server;
        User = user;
        Root = root;
        Token = token;
        Expires = DateTimeOffset.FromUnixTimeMilliseconds(expires.ToUnixTimeMilliseconds());
    }

    public string Address { get; }
    public ServerName Server { get; }
    public UserName User { get; }
    public Hash32 Root { get; }
    public InvitationToken Token { get; }
    public DateTimeOffset Expires { get; }

    /// <summary>The word, lower case.</summary>
    public string ToWord() => Bech32m.Encode(Prefix, CborOutput.Encode(Write));

    /// <summary>Reads a word; white space around it, as a paste brings it, does not matter.</summary>
    /// <exception cref="InvitationException">With the kind of fault (IN-05).</exception>
    public static Invitation Parse(string word)
    {
        var trimmed = word.Trim();
        if (trimmed.Length > MaxWordLength)
            throw new InvitationException(InvitationFault.Damaged);
        var (prefix, data) = Bech32m.Decode(trimmed);
        if (prefix != Prefix)
            throw new InvitationException(InvitationFault.OtherPrefix);
        try
        {
            return CborInput.Parse(data, Read);
        }
        catch (MalformedException e)
        {
            throw new InvitationException(InvitationFault.OtherContent, e);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(data);
        }
    }

    public void Dispose() => Token.Dispose();

    /// <summary>Names the invitation, not its secret.</summary>
    public override string ToString() => $"Invitation({User} at {Address})";

    private void Write(CborOutput output)
    {
        output.StartArray(7).UInt(Version).Text(Address).Text(Server.ToString()).Text(User.ToString()).Hash(Root);
        Token.Write(output);
        output.Time(Expires).EndArray();
    }

    private static Invitation Read(CborInput input)
    {
        input.StartArray(7);
        if (input.UInt() != Version)
            throw new MalformedException("invitation version");
        var address = input.Text(MaxText);
        if (address.Length == 0)
            throw new MalformedException("address");
        var server = ReadServerName(input);
        var user = UserName.Read(input);
        var root = input.Hash();
        var (token, expires) = (input.Bytes(InvitationToken.Size), input.Time());
        input.EndArray();
        return new Invitation(address, server, user, root, InvitationToken.CopyOf(token.Span), expires);
    }

    // A name that parses but is written otherwise than we write it would give one invitation two words.
    private static ServerName ReadServerName(CborInput input)
    {
        var text = input.Text(MaxText);
        return ServerName.TryParse(text, out var name) && name.ToString() == text ? name : throw new MalformedException("server name");
    }
}
