using System.Text.RegularExpressions;

namespace Countersign.Specification.Tests;

/// <summary>The words of a .pv text, without its comments.</summary>
internal sealed partial class TokenReader
{
    private readonly List<(string Text, int Line)> _tokens = [];
    private int _at;

    public TokenReader(string text)
    {
        var depth = 0;
        var line = 1;
        var at = 0;
        while (at < text.Length)
        {
            var m = Token().Match(text, at);
            if (!m.Success || m.Index != at)
                throw new FormatException($"line {line}: '{text[at]}' is no token");
            at += m.Length;
            if (m.Value == "(*")
                depth++;
            else if (m.Value == "*)")
                depth = depth > 0 ? depth - 1 : throw new FormatException($"line {line}: a comment ends that did not begin");
            else if (depth == 0 && !string.IsNullOrWhiteSpace(m.Value))
                _tokens.Add((m.Value, line));
            line += m.Value.Count(c => c == '\n');
        }
        if (depth != 0)
            throw new FormatException("a comment does not end");
    }

    public bool AtEnd => _at == _tokens.Count;

    public string Next => AtEnd ? "" : _tokens[_at].Text;

    public FormatException Wrong(string what) => new($"line {(AtEnd ? 0 : _tokens[_at].Line)}, at '{Next}': {what}");

    public string Take() => AtEnd ? throw Wrong("the text ends") : _tokens[_at++].Text;

    public bool TryTake(string token)
    {
        if (Next != token)
            return false;
        _at++;
        return true;
    }

    public void Expect(string token)
    {
        if (!TryTake(token))
            throw Wrong($"'{token}' is expected");
    }

    public string Identifier() => char.IsAsciiLetter(Next.FirstOrDefault()) && !Reserved.Contains(Next) ? Take() : throw Wrong("a name is expected");

    // What ProVerif 2.05 keeps for itself (manual, section 3.1), as far as a model might use it by mistake.
    private static readonly HashSet<string> Reserved =
    [
        "among", "axiom", "channel", "choice", "clauses", "const", "def", "diff", "do", "elimtrue", "else", "equation", "equivalence",
        "event", "expand", "fail", "for", "forall", "foreach", "free", "fun", "get", "if", "implementation", "in", "inj-event", "insert",
        "lemma", "let", "letfun", "letproba", "new", "noninterf", "noselect", "not", "nounif", "or", "otherwise", "out", "param", "phase",
        "pred", "proba", "process", "proof", "public_vars", "putbegin", "query", "reduc", "restriction", "secret", "select", "set",
        "suchthat", "sync", "table", "then", "type", "weaksecret", "yield",
    ];

    [GeneratedRegex(@"\(\*|\*\)|inj-event|[A-Za-z][A-Za-z0-9_']*|[0-9]+|==>|<>|&&|\|\||[()\[\],.;:=|!@<]|\s+|.")]
    private static partial Regex Token();
}
