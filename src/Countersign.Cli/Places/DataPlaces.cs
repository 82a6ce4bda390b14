namespace Countersign.Cli;

/// <summary>Where things are kept. One data directory holds everything; without <c>--data</c> it follows the XDG base directory
/// specification.</summary>
internal sealed class DataPlaces
{
    private DataPlaces(string root, string state, bool named)
    {
        Root = root;
        State = state;
        IsNamed = named;
    }

    /// <summary>The data directory.</summary>
    public string Root { get; }

    /// <summary>Logs and the input history.</summary>
    public string State { get; }

    /// <summary>The user named it; hints then repeat it.</summary>
    public bool IsNamed { get; }

    public string Device => Path.Combine(Root, "device");
    public string Operator => Path.Combine(Root, "operator");
    public string Authority => Path.Combine(Root, "ca");
    public string Server => Path.Combine(Root, "server");
    public string TimeStamps => Path.Combine(Root, "tsa");

    /// <summary><c>--data</c>, else <c>COUNTERSIGN_DATA</c>, else <c>$XDG_DATA_HOME/countersign</c>.</summary>
    public static DataPlaces Resolve(string? named, Surroundings surroundings)
    {
        var data = named ?? NotEmpty(surroundings["COUNTERSIGN_DATA"]);
        if (data is not null)
            return Below(data);
        return new DataPlaces(
            Path.Combine(Xdg("XDG_DATA_HOME", ".local/share", surroundings), "countersign"),
            Path.Combine(Xdg("XDG_STATE_HOME", ".local/state", surroundings), "countersign"),
            named: false);
    }

    /// <summary>The places below one directory, whatever the environment says.</summary>
    public static DataPlaces Below(string directory) =>
        new(Path.GetFullPath(directory), Path.Combine(Path.GetFullPath(directory), "state"), named: true);

    /// <summary>The option to repeat in a hint, with a space before it; empty where the default is meant.</summary>
    public string Option => IsNamed ? $" --data {Shell.Quote(Root)}" : "";

    // A relative path in these variables is to be ignored (the specification says so).
    private static string Xdg(string variable, string fallback, Surroundings surroundings) =>
        NotEmpty(surroundings[variable]) is { } path && Path.IsPathRooted(path)
            ? path
            : Path.Combine(NotEmpty(surroundings["HOME"]) ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), fallback);

    private static string? NotEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
