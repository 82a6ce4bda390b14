using System.Globalization;
using System.Runtime.CompilerServices;

namespace Countersign.Evidence;

/// <summary>Writes HTML. What stands in the source between the holes of an interpolated string is markup; what comes through a hole
/// is text: it passes <see cref="Visible"/> and is encoded, whoever it is from. There is no way to write a string as markup.</summary>
internal sealed class Page(TextWriter output)
{
    /// <summary>One line.</summary>
    public void Line([InterpolatedStringHandlerArgument("")] PageText text)
    {
        text.End();
        output.Write('\n');
    }

    internal TextWriter Output => output;
}

/// <summary>The holes of <see cref="Page.Line"/> and <see cref="Markup.Of"/>.</summary>
[InterpolatedStringHandler]
internal readonly ref struct PageText
{
    private readonly TextWriter _output;

    public PageText(int literalLength, int holes, Page page) => _output = page.Output;

    public PageText(int literalLength, int holes) => _output = new StringWriter(CultureInfo.InvariantCulture);

    /// <summary>The end of the string; what was written, where it was not to a page.</summary>
    public string? End() => _output is StringWriter written ? written.ToString() : null;

    public void AppendLiteral(string markup) => _output.Write(markup);

    public void AppendFormatted(Markup markup) => _output.Write(markup.Written);

    public void AppendFormatted(int number) => AppendFormatted((ulong)number);

    public void AppendFormatted(ulong number) => _output.Write(number.ToString(CultureInfo.InvariantCulture));

    // A percentage of a drawing.
    public void AppendFormatted(double number) => _output.Write(number.ToString("0.##", CultureInfo.InvariantCulture));

    public void AppendFormatted(string text)
    {
        foreach (var letter in Visible.Line(text))
            switch (letter)
            {
                case '&': _output.Write("&amp;"); break;
                case '<': _output.Write("&lt;"); break;
                case '>': _output.Write("&gt;"); break;
                case '"': _output.Write("&quot;"); break;
                case '\'': _output.Write("&#39;"); break;
                default: _output.Write(letter); break;
            }
    }
}

/// <summary>A piece of markup, made as <see cref="Page"/> makes it.</summary>
internal readonly struct Markup
{
    private Markup(string written) => Written = written;

    public string Written => field ?? "";

    public static Markup Of(PageText text) => new(text.End()!);

    /// <summary>The style sheet of this program and its digest: no text from elsewhere.</summary>
    public static Markup OwnSheet(string sheet) => new(sheet);

    /// <summary>Joined without anything between them.</summary>
    public static Markup Join(IEnumerable<Markup> parts) => new(string.Concat(parts.Select(static p => p.Written)));
}
