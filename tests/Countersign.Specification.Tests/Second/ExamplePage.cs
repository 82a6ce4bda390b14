using System.Text;

namespace Countersign.Specification.Tests.Second;

/// <summary>docs/EXAMPLE.md from a recording.</summary>
internal static class ExamplePage
{
    public static string Render(IReadOnlyList<Recording.Step> steps)
    {
        var page = new StringBuilder();
        page.Append("# Worked example\n\n");
        page.Append("One session link from its first byte to its last: handshake, login, second exchange, a conversation with genesis, epoch and message. ");
        page.Append("The bytes were recorded from a real server and the second implementation in `tests/Countersign.Specification.Tests/Second`; ");
        page.Append("`vectors/session.json` holds them whole, with every frame. A test recomputes each value below from the secrets that both ends put in, ");
        page.Append("opens each frame, verifies each signature, and compares this page. Names are those of [SPEC.md](SPEC.md); the keys are of no further use.\n");
        foreach (var step in steps)
            Append(page, step);
        return page.ToString();
    }

    private static void Append(StringBuilder page, Recording.Step step)
    {
        if (step.Frame is null)
        {
            page.Append($"\n### {step.Name}{(step.Kind == "secret" ? " (secret)" : "")}\n\n");
            Block(page, step.Hex);
            return;
        }
        page.Append($"\n## {step.Kind} {step.Name}\n\n");
        page.Append($"content, {step.Hex.Length / 2} bytes:\n\n");
        Block(page, step.Hex);
        var encrypted = step.Frame[8..] != step.Hex;
        page.Append(encrypted ? $"\nframe, {step.Frame.Length / 2} bytes, length and record:\n\n" : $"\nframe: length `{step.Frame[..8]}`, then the content in the clear.\n");
        if (encrypted)
            Block(page, step.Frame);
    }

    private static void Block(StringBuilder page, string hex)
    {
        const int perLine = 96;
        page.Append("```\n");
        for (var at = 0; at < hex.Length; at += perLine)
            page.Append(hex, at, Math.Min(perLine, hex.Length - at)).Append('\n');
        page.Append("```\n");
    }
}
