using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Prints the shell's side of completion; the words come from the program itself, by the <c>[suggest]</c> directive.</summary>
internal sealed class CompletionVerb : Verb
{
    private readonly Argument<string> _shell = new Argument<string>("shell") { Description = "bash, zsh or fish.", HelpName = "SHELL" }
        .AcceptOnlyFromAmong("bash", "zsh", "fish");

    public CompletionVerb() : base("completion", "Prints a completion script for a shell.",
        new Example("completion bash > ~/.local/share/bash-completion/completions/countersign", "From the next shell on."),
        new Example("completion zsh > ~/.zfunc/_countersign", "With ~/.zfunc in fpath."),
        new Example("completion fish > ~/.config/fish/completions/countersign.fish", "From the next shell on.")) => Arguments.Add(_shell);

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        context.Screen.Raw(context.Get(_shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => Fish,
        });
        return Task.FromResult(ExitCode.Done);
    }

    // [suggest:N] with N the cursor's place in the line after the program's name is System.CommandLine's own directive.
    private const string Bash = """
        _countersign() {
          local line=${COMP_LINE#* } command=${COMP_WORDS[0]} candidate
          local at=$((COMP_POINT - ${#COMP_LINE} + ${#line}))
          COMPREPLY=()
          while IFS= read -r candidate; do
            [[ $candidate == "${COMP_WORDS[COMP_CWORD]}"* ]] && COMPREPLY+=("$candidate")
          done < <("$command" "[suggest:$at]" "$line" 2>/dev/null)
          ((${#COMPREPLY[@]})) || compopt -o default
        }
        complete -F _countersign countersign ./countersign
        """;

    private const string Zsh = """
        #compdef countersign
        _countersign() {
          local line=${BUFFER#* } candidates
          local at=$((CURSOR - ${#BUFFER} + ${#line}))
          candidates=("${(@f)$("${words[1]}" "[suggest:$at]" "$line" 2>/dev/null)}")
          compadd -a candidates || _files
        }
        compdef _countersign countersign
        """;

    private const string Fish = """
        function __countersign_complete
          set -l line (commandline -cp)
          set -l rest (string replace -r '^\S+\s*' '' -- $line)
          countersign "[suggest:"(string length -- $rest)"]" "$rest" 2>/dev/null
        end
        complete -c countersign -f -a '(__countersign_complete)'
        """;
}
