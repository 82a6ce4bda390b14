using System.Runtime.InteropServices;
using System.Text;

namespace Countersign.Cli;

/// <summary>The chat on a terminal: an input line at the bottom, lines arriving above it.</summary>
internal sealed class TerminalSurface : IChatSurface
{
    private readonly RawTerminal _terminal = RawTerminal.Open();
    private readonly StreamWriter _output = new(Console.OpenStandardOutput(), new UTF8Encoding(false), 8192);
    private readonly PosixSignalRegistration _resized;
    private LineEditor? _editor;
    private Func<string, Completion> _complete = _ => Completion.None;

    public TerminalSurface(LineFormat format)
    {
        Format = format;
        _editor = new LineEditor(_output, TerminalSize.Now, typed => _complete(typed));
        _resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _editor?.Resized());
    }

    public LineFormat Format { get; }

    public void Print(params IEnumerable<string> lines) => _editor?.Print(lines);

    public bool HasLive => true;

    public void Live(IReadOnlyList<string> lines) => _editor?.Live(lines);

    public void Prompt(string prompt)
    {
        if (_editor is { } editor)
            editor.Prompt = prompt;
    }

    public void Start(Action<ChatInput> typed, Func<string, Completion> complete)
    {
        _complete = complete;
        _editor!.Start();
        // A read of a terminal cannot be cancelled: the thread ends with the process.
        new Thread(() => Read(typed)) { IsBackground = true, Name = "terminal" }.Start();
    }

    private void Read(Action<ChatInput> typed)
    {
        var decoder = new KeyDecoder();
        while (_editor is { } editor)
        {
            ReadOnlyMemory<byte> bytes;
            try
            {
                bytes = _terminal.Read();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                bytes = default;
            }
            foreach (var happened in editor.Handle(decoder.Decode(bytes)))
                typed(happened.Kind switch
                {
                    EditorEventKind.Submitted => new ChatInput.Line(happened.Text),
                    EditorEventKind.Interrupted => new ChatInput.Interrupted(),
                    _ => new ChatInput.Ended(),
                });
            if (bytes.IsEmpty)
                return;
        }
    }

    public void Dispose()
    {
        _resized.Dispose();
        Interlocked.Exchange(ref _editor, null)?.Stop();
        _terminal.Dispose();
        _output.Dispose();
    }
}
