using System.Globalization;

namespace Countersign.Cli;

/// <summary>Prints each attack in two lines as soon as it is judged.</summary>
internal sealed class AttackLines(Screen screen)
{
    private const int Width = 12;

    public int Count { get; private set; }

    public int Failed { get; private set; }

    /// <summary>A heading for people.</summary>
    public void Chapter(string title) => screen.Talk("\n" + screen.TalkStyle.Bold(title));

    /// <summary>A remark for people.</summary>
    public void Remark(string text) => screen.Talk(screen.TalkStyle.Dim(text));

    public void Print(AttackVerdict verdict)
    {
        Count++;
        Failed += verdict.Ok ? 0 : 1;
        var style = screen.DataStyle;
        var result = verdict.Ok ? style.Good(Column("✓ " + Word(verdict.Attack))) : style.Bad(Column("✗ WRONG"));
        screen.Data(
            style.Bold(Column(string.Join(' ', verdict.Attack.Ids))) + Visible.Line(verdict.Attack.Did) + "\n" + result + Visible.Line(verdict.Happened),
            JsonLine.Of("attack", ("id", JsonLine.List(verdict.Attack.Ids)), ("did", verdict.Attack.Did), ("happened", verdict.Happened), ("ok", verdict.Ok)));
    }

    // The weakest of what was expected: nobody is told "refused" where it was only noticed.
    private static string Word(Attack attack) =>
        attack.Expected.Any(static o => o is Outcome.Noticed) ? "noticed"
        : attack.Expected.Any(static o => o is Outcome.Refused) ? "refused"
        : attack.Expected.Any(static o => o is Outcome.NothingLearned) ? "no use"
        : "no effect";

    private static string Column(string text) => text.PadRight(Width) + " ";

    /// <summary>Seconds as people read them.</summary>
    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
}
