namespace Countersign.Specification.Tests;

internal sealed partial class Model
{
    // || , && , one comparison, application
    private string Term() => Chain("||", () => Chain("&&", Comparison));

    private string Chain(string op, Func<string> operand)
    {
        var type = operand();
        while (_in.TryTake(op))
        {
            Same(Bool, type);
            Same(Bool, operand());
        }
        return type;
    }

    private string Comparison()
    {
        var left = Primary();
        if (_in.Next is not ("=" or "<>" or "<"))
            return left;
        _in.Take();
        Same(left, Primary());
        return Bool;
    }

    private string Primary()
    {
        if (_in.Next == "(")
        {
            var parts = List(Term);
            return parts.Count == 1 ? parts[0] : Bitstring;
        }
        if (char.IsAsciiDigit(_in.Next.FirstOrDefault()))
        {
            _in.Take();
            return Nat;
        }
        if (_in.TryTake("event") || _in.TryTake("inj-event"))
            return Happened();
        var name = _in.Identifier();
        if (name == "attacker")
            return Known();
        if (_in.Next != "(")
            return _variables.TryGetValue(name, out var type) || _constants.TryGetValue(name, out type) ? type : throw _in.Wrong($"{name} is not declared");
        if (!_functions.TryGetValue(name, out var function))
            throw _in.Wrong($"there is no function {name}");
        Arguments(name, function.Takes);
        return function.Gives;
    }

    private void Arguments(string name, string[] takes)
    {
        var given = List(Term);
        if (!given.SequenceEqual(takes))
            throw _in.Wrong($"{name} takes ({string.Join(", ", takes)}), not ({string.Join(", ", given)})");
    }

    private string Happened()
    {
        _in.Expect("(");
        Applied(_events);
        _in.Expect(")");
        if (_in.TryTake("@"))
            Same(Time, Primary());
        return Bool;
    }

    private string Known()
    {
        List(Term);
        if (_in.TryTake("phase"))
            _in.Take();
        return Bool;
    }

    private void Applied(Dictionary<string, string[]> declared)
    {
        var name = _in.Identifier();
        Arguments(name, declared.TryGetValue(name, out var takes) ? takes : throw _in.Wrong($"{name} is not declared"));
    }
}
