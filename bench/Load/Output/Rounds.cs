namespace Countersign.Load;

/// <summary>One figure of each round, in the order of the rounds.</summary>
internal sealed class Rounds
{
    private readonly List<double> _values = [];

    public Rounds() { }

    private Rounds(IEnumerable<double> values) => _values = [.. values];

    public int Count => _values.Count;

    public double Last => _values[^1];

    public double Median => _values.Median();

    public double Least => _values.Min();

    public double Most => _values.Max();

    public void Add(double value) => _values.Add(value);

    public void Clear() => _values.Clear();

    public Rounds Select(Func<double, double> map) => new(_values.Select(map));

    /// <summary>Round by round: what disturbs one round disturbs both sides of its ratio.</summary>
    public Rounds With(Rounds other, Func<double, double, double> map) => new(_values.Zip(other._values, map));

    public Rounds Per(Rounds other) => With(other, static (mine, its) => mine / its);

    /// <summary>A bound that is the same in every round.</summary>
    public Rounds Beside(double constant) => Select(_ => constant);
}
