using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Names from the command line, with an error a typist can act on.</summary>
internal static class Names
{
    /// <summary>A user; a leading @ may be written.</summary>
    public static UserName User(string text) => UserName.TryParse(text.TrimStart('@'), out var user)
        ? user
        : throw CommandException.Usage($"'{text}' is no user name.", "1 to 32 of a-z, 0-9 and . _ -, beginning and ending with a letter or digit");

    public static ServerName Server(string text) => ServerName.TryParse(text, out var name)
        ? name
        : throw CommandException.Usage($"'{text}' is no server name.", "a DNS name, as chat.example.org, or an address");

    public static SerialNumber Serial(string text) => SerialNumber.TryParse(text, out var serial)
        ? serial
        : throw CommandException.Usage($"'{text}' is no serial number.", "hexadecimal digits, as ca list shows them");
}
