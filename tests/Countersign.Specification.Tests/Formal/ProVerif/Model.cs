namespace Countersign.Specification.Tests;

/// <summary>Reads the conservative part of ProVerif's typed language (manual, chapters 3 and 4) that the project's models keep
/// to, and checks names, arities and types: what can be checked where ProVerif itself is not installed.</summary>
internal sealed partial class Model
{
    private const string Bitstring = "bitstring", Nat = "nat", Bool = "bool", Time = "time";

    private readonly TokenReader _in;
    private readonly HashSet<string> _types = [Bitstring, Nat, Bool, Time, "channel"];
    private readonly Dictionary<string, string> _constants = new() { ["true"] = Bool, ["false"] = Bool };
    private readonly Dictionary<string, (string[] Takes, string Gives)> _functions = [];
    private readonly HashSet<string> _data = [];
    private readonly Dictionary<string, string[]> _events = [], _tables = [], _processes = [];
    private Dictionary<string, string> _variables = [];

    private Model(TokenReader reader) => _in = reader;

    /// <summary>How many arguments each function takes.</summary>
    public IReadOnlyDictionary<string, int> Arities => _functions.ToDictionary(f => f.Key, f => f.Value.Takes.Length);

    public IEnumerable<string> Names => _constants.Keys.Concat(_functions.Keys);

    public int Queries { get; private set; }

    public static Model Read(string text)
    {
        var model = new Model(new TokenReader(text));
        while (model._in.Next != "process")
            model.Declaration();
        model._in.Expect("process");
        model._variables = [];
        model.Process();
        if (!model._in.AtEnd)
            throw model._in.Wrong("something follows the process");
        return model;
    }

    private void Declaration()
    {
        _variables = [];
        switch (_in.Take())
        {
            case "type": _types.Add(_in.Identifier()); break;
            case "free": case "const": Constant(); break;
            case "fun": Function(); break;
            case "reduc": Destructor(); break;
            case "equation": Binders("forall"); Equal(); break;
            case "letfun": Macro(); break;
            case "event": Signature(_events); break;
            case "table": Signature(_tables); break;
            case "set": _in.Identifier(); _in.Expect("="); _in.Take(); break;
            case "noselect": Bind(); _in.Expect(";"); Term(); break;
            case "query": Query(); break;
            case "restriction": Query(); Queries--; break;
            case "let": Named(); break;
            default: throw _in.Wrong("no declaration of the part that is used here stands before this");
        }
        _in.Expect(".");
    }

    private string Type() => _types.Contains(_in.Next) ? _in.Take() : throw _in.Wrong("no such type");

    private string[] Types() => [.. List(Type)];

    private List<T> List<T>(Func<T> one)
    {
        var all = new List<T>();
        _in.Expect("(");
        if (_in.TryTake(")"))
            return all;
        do
            all.Add(one());
        while (_in.TryTake(","));
        _in.Expect(")");
        return all;
    }

    private string New(string name) => _constants.ContainsKey(name) || _functions.ContainsKey(name) ? throw _in.Wrong($"{name} is declared twice") : name;

    private bool Data()
    {
        if (!_in.TryTake("["))
            return false;
        _in.Expect("data");
        _in.Expect("]");
        return true;
    }

    private void Constant()
    {
        var name = New(_in.Identifier());
        _in.Expect(":");
        _constants[name] = _in.TryTake("channel") ? "channel" : Type();
        Data();
    }

    private void Function()
    {
        var name = New(_in.Identifier());
        var takes = Types();
        _in.Expect(":");
        _functions[name] = (takes, Type());
        if (Data())
            _data.Add(name);
    }

    private void Destructor()
    {
        string? name = null;
        do
        {
            _variables = [];
            Binders("forall");
            var head = _in.Identifier();
            if ((name ??= New(head)) != head)
                throw _in.Wrong("one destructor has one name");
            var takes = List(Term).ToArray();
            _in.Expect("=");
            var gives = Term();
            if (_functions.TryGetValue(name, out var before) && (!before.Takes.SequenceEqual(takes) || before.Gives != gives))
                throw _in.Wrong("the rules of a destructor have different types");
            _functions[name] = (takes, gives);
        }
        while (_in.TryTake(";"));
    }

    private void Binders(string keyword)
    {
        _in.Expect(keyword);
        Bind();
        _in.Expect(";");
    }

    private void Bind()
    {
        do
            Parameter();
        while (_in.TryTake(","));
    }

    private string Parameter()
    {
        var name = _in.Identifier();
        _in.Expect(":");
        return _variables[name] = _in.TryTake("channel") ? "channel" : Type();
    }

    private void Equal()
    {
        var left = Primary();
        _in.Expect("=");
        Same(left, Primary());
    }

    private void Same(string expected, string found)
    {
        if (expected != found)
            throw _in.Wrong($"{expected} is expected and {found} found");
    }

    private void Macro()
    {
        var name = New(_in.Identifier());
        var takes = List(Parameter).ToArray();
        _in.Expect("=");
        _functions[name] = (takes, Term());
    }

    private void Signature(Dictionary<string, string[]> into) => into.Add(_in.Identifier(), Types());

    private void Named()
    {
        var name = _in.Identifier();
        var takes = List(Parameter).ToArray();
        _in.Expect("=");
        Process();
        _processes.Add(name, takes);
    }

    private void Query()
    {
        Bind();
        _in.Expect(";");
        Term();
        if (_in.TryTake("==>"))
            Term();
        Queries++;
    }
}
