using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Specification.Tests;

/// <summary>The models speak of SPEC's labels, messages and fields: what SPEC renames or changes, they must follow.</summary>
public sealed partial class ModelVocabularyTests
{
    // Labels that no model uses, with the reason in formal/README.md.
    private static readonly HashSet<string> NotModelled =
        ["scram fake cost", "scram fake salt", "vault kek", "vault row"];

    private static readonly string Specification = File.ReadAllText(Path.Combine(Repository.Root, "docs/SPEC.md"));

    private static IEnumerable<string> ModelTexts =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "formal"), "*.*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f) is ".pv" or ".dfg" or ".pml").Order().Select(File.ReadAllText);

    private static List<string> Labels =>
        [.. LabelRow().Matches(Section("### 2.1 ", "### 2.2 ")).SelectMany(row => Quoted().Matches(row.Groups[1].Value)).Select(m => m.Groups[1].Value)];

    [Fact]
    public void Every_label_of_a_model_is_one_of_the_table_and_every_label_is_modelled_or_excused()
    {
        var used = ModelTexts.SelectMany(t => ModelLabel().Matches(t)).Select(m => m.Groups[1].Value).ToHashSet();
        var table = Labels.ToDictionary(label => label.Replace(' ', '_'));
        Assert.NotEmpty(table);
        Assert.Equal("", string.Join(' ', used.Except(table.Keys).Order()));
        Assert.Equal(NotModelled.Order(), table.Where(l => !used.Contains(l.Key)).Select(l => l.Value).Order());
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "formal/README.md"));
        Assert.All(NotModelled, label => Assert.Contains($"`{label}`", guide, StringComparison.Ordinal));
    }

    [Fact]
    public void The_fields_a_model_names_are_those_of_the_grammar()
    {
        var compared = 0;
        foreach (var line in ModelTexts.SelectMany(t => FieldsLine().Matches(t)))
        {
            var named = Words(line.Groups[2].Value.Replace("(", "").Replace(")", ""));
            Assert.Equal(line.Groups[1].Value + ": " + string.Join(' ', GrammarFields(line.Groups[1].Value)), line.Groups[1].Value + ": " + string.Join(' ', named));
            compared++;
        }
        Assert.True(compared > 15, $"{compared} messages compared");
    }

    [Fact]
    public void A_message_of_a_model_has_as_many_arguments_as_fields_it_does_not_leave_out()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "formal"), "*.pv"))
        {
            var text = File.ReadAllText(file);
            var model = Model.Read(Preprocessor.Run(text, new HashSet<string>()));
            foreach (Match line in FieldsLine().Matches(text))
            {
                var name = "m_" + line.Groups[1].Value.Replace('-', '_');
                Assert.Contains(name, model.Names);
                var kept = Words(line.Groups[2].Value).Count(word => !word.StartsWith('('));
                Assert.Equal((name, kept), (name, model.Arities.TryGetValue(name, out var arity) ? arity : 0));
            }
        }
    }

    [Fact]
    public void The_signed_header_of_a_model_is_that_of_an_entry()
    {
        // 1 (alg) is the same everywhere, and the type follows from the payload; all other labels of the header are named.
        var grammar = HeaderField().Matches(Section("header = {", "}")).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal("x5t type conversation seq ts seen epoch kc", string.Join(' ', grammar.Select(f => f switch { "[-16" => "x5t", "[size" => "seen", _ => f })));
        var named = ModelTexts.SelectMany(t => HeaderLine().Matches(t)).Select(m => m.Groups[1].Value.Trim()).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, n => Assert.Equal("x5t conversation seq ts seen epoch kc", n));
    }

    [Fact]
    public void The_state_machines_use_messages_that_exist()
    {
        var names = ModelTexts.SelectMany(t => UsesLine().Matches(t)).SelectMany(m => Words(m.Groups[1].Value.Replace("*", ""))).ToList();
        Assert.NotEmpty(names);
        foreach (var name in names)
            Assert.Matches($@"(?m)^{Regex.Escape(name)}\s*= (\[|COSE)", Cddl);
    }

    [Fact]
    public void Every_mutant_is_in_the_reading_guide()
    {
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "formal/README.md"));
        foreach (var mutant in ModelTexts.SelectMany(t => Mutant().Matches(t)).Select(m => m.Groups[1].Value).Distinct())
            Assert.Contains($"`{mutant}`", guide, StringComparison.Ordinal);
    }

    // The names of a message's fields: the key where there is one, else the type; its leading number is left out.
    private static List<string> GrammarFields(string message)
    {
        var m = Regex.Match(Cddl, $@"(?m)^{Regex.Escape(message)}\s*= (?:COSE_Sign1: header {{[^}}]*}}, payload \.cbor )?\[(.*?)\](?=\s*(;|$))");
        Assert.True(m.Success, $"SPEC has no message {message}");
        return [.. TopLevel(m.Groups[1].Value)
            .Where(part => !Regex.IsMatch(part, @"^\d+$"))
            .Select(part => part.Contains(": ", StringComparison.Ordinal) && !part.StartsWith('[') ? part[..part.IndexOf(": ", StringComparison.Ordinal)] : Regex.Match(part, @"[a-z_]+").Value)];
    }

    private static IEnumerable<string> TopLevel(string list)
    {
        var depth = 0;
        var from = 0;
        for (var i = 0; i <= list.Length; i++)
        {
            if (i == list.Length || (depth == 0 && list[i] == ','))
            {
                yield return list[from..i].Trim();
                from = i + 1;
            }
            else
                depth += list[i] is '[' or '(' ? 1 : list[i] is ']' or ')' ? -1 : 0;
        }
    }

    private static string Cddl { get; } = string.Join('\n', CddlBlock().Matches(Specification).Select(m => CddlComment().Replace(m.Groups[1].Value, "")));

    private static string Section(string from, string to)
    {
        var start = Specification.IndexOf(from, StringComparison.Ordinal);
        return Specification[start..Specification.IndexOf(to, start + from.Length, StringComparison.Ordinal)];
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    [GeneratedRegex(@"^\| (`[^|]*`) \|", RegexOptions.Multiline)]
    private static partial Regex LabelRow();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\bl_([a-z0-9_]+)")]
    private static partial Regex ModelLabel();

    [GeneratedRegex(@"^%?\s*fields ([a-z_-]+):([^\n]*)$", RegexOptions.Multiline)]
    private static partial Regex FieldsLine();

    [GeneratedRegex(@"^\s*header entry:([^\n]*)$", RegexOptions.Multiline)]
    private static partial Regex HeaderLine();

    [GeneratedRegex(@"^\s*\*?\s*Uses the messages:([^\n]*(?:\n \*  +[a-z][^\n]*)?)$", RegexOptions.Multiline)]
    private static partial Regex UsesLine();

    [GeneratedRegex(@"^  \??\s*(?:-\d+|34) => (\[-16|\[size|[a-z]+)", RegexOptions.Multiline)]
    private static partial Regex HeaderField();

    [GeneratedRegex(@"check: mutant ([A-Z0-9_]+)")]
    private static partial Regex Mutant();

    [GeneratedRegex(@"```cddl\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CddlBlock();

    [GeneratedRegex(@"[ ]*;[^\n]*")]
    private static partial Regex CddlComment();
}
