using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Names from the command line, with an error a typist can act on.</summary>
internal static class Names
{
    private const string UserForm = "1 to 32 of a-z, 0-9 and . _ -, beginning and ending with a letter or digit";

    /// <summary>A user; a leading @ may be written.</summary>
    public static UserName User(string text) => UserName.TryParse(text.TrimStart('@'), out var user)
        ? user
        : throw CommandException.Usage($"'{text}' is no user name.", UserForm);

    /// <summary>A user whom a person names, asked until it is a name.</summary>
    public static UserName AskUser(Prompt prompt, string question, string? fallback)
    {
        while (true)
        {
            var answer = prompt.Ask(question, fallback);
            if (UserName.TryParse(answer.TrimStart('@'), out var user))
                return user;
            prompt.Say($"'{Visible.Line(answer)}' is no user name; once more. It is {UserForm}.");
        }
    }

    public static ServerName Server(string text) => ServerName.TryParse(text, out var name)
        ? name
        : throw CommandException.Usage($"'{text}' is no server name.", "a DNS name, as chat.example.org, or an address");

    public static SerialNumber Serial(string text) => SerialNumber.TryParse(text, out var serial)
        ? serial
        : throw CommandException.Usage($"'{text}' is no serial number.", "hexadecimal digits, as ca list shows them");
}
