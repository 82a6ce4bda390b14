namespace Countersign.Specification.Tests;

internal sealed partial class Model
{
    private void Process()
    {
        if (_in.Next == "(")
        {
            Parallel();
            return;
        }
        if (_in.TryTake("0"))
            return;
        if (_in.TryTake("!"))
        {
            Process();
            return;
        }
        if (_in.TryTake("if"))
        {
            Same(Bool, Term());
            _in.Expect("then");
            Process();
            return;
        }
        if (_in.TryTake("let") || _in.Next == "get")
        {
            Binding();
            Process();
            return;
        }
        if (_processes.ContainsKey(_in.Next))
        {
            Applied(_processes);
            return;
        }
        Step();
        if (_in.TryTake(";"))
            Process();
    }

    private void Parallel()
    {
        _in.Expect("(");
        do
        {
            var outside = new Dictionary<string, string>(_variables);
            Process();
            _variables = outside;
        }
        while (_in.TryTake("|"));
        _in.Expect(")");
    }

    private void Binding()
    {
        if (_in.TryTake("get"))
        {
            var name = _in.Identifier();
            Patterns(_tables.TryGetValue(name, out var takes) ? takes : throw _in.Wrong($"there is no table {name}"));
            _in.Expect("in");
            return;
        }
        // The names of a pattern are bound after its term is read.
        var bound = new List<(string Name, string? Type)>();
        var type = Pattern(null, bound);
        _in.Expect("=");
        var given = Term();
        if (type is not null)
            Same(type, given);
        foreach (var (name, declared) in bound)
            _variables[name] = declared ?? given;
        _in.Expect("in");
    }

    private void Patterns(string[] takes)
    {
        var bound = new List<(string Name, string? Type)>();
        var at = 0;
        List(() => Pattern(at < takes.Length ? takes[at++] : throw _in.Wrong("too many fields"), bound));
        if (at != takes.Length)
            throw _in.Wrong("too few fields");
        foreach (var (name, type) in bound)
            _variables[name] = type!;
    }

    private string? Pattern(string? expected, List<(string Name, string? Type)> bound)
    {
        if (_in.TryTake("="))
        {
            var type = Primary();
            Same(expected ?? type, type);
            return type;
        }
        if (_in.Next == "(")
        {
            List(() => Pattern(null, bound) ?? throw _in.Wrong("a part of a tuple needs a type"));
            Same(expected ?? Bitstring, Bitstring);
            return Bitstring;
        }
        var name = _in.Identifier();
        if (_in.Next == "(")
        {
            var (takes, gives) = _data.Contains(name) ? _functions[name] : throw _in.Wrong($"{name} is no data constructor");
            var at = 0;
            List(() => Pattern(at < takes.Length ? takes[at++] : throw _in.Wrong("too many fields"), bound));
            if (at != takes.Length)
                throw _in.Wrong("too few fields");
            Same(expected ?? gives, gives);
            return gives;
        }
        if (_in.TryTake(":"))
        {
            var type = Type();
            Same(expected ?? type, type);
            expected = type;
        }
        bound.Add((name, expected));
        return expected;
    }

    private void Step()
    {
        switch (_in.Take())
        {
            case "new": Parameter(); break;
            case "out": Send(); break;
            case "in": Receive(); break;
            case "event": Applied(_events); break;
            case "insert": Applied(_tables); break;
            case "phase": _in.Take(); break;
            default: throw _in.Wrong("no process stands before this");
        }
    }

    private void Send()
    {
        _in.Expect("(");
        Same("channel", Primary());
        _in.Expect(",");
        Term();
        _in.Expect(")");
    }

    private void Receive()
    {
        _in.Expect("(");
        Same("channel", Primary());
        _in.Expect(",");
        var bound = new List<(string Name, string? Type)>();
        if (Pattern(null, bound) is null)
            throw _in.Wrong("what is received needs a type");
        foreach (var (name, type) in bound)
            _variables[name] = type!;
        _in.Expect(")");
    }
}
