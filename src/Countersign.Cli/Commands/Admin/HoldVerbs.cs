using System.CommandLine;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Lists the conversations of a restored backup that take nothing new yet.</summary>
internal sealed class AdminHeldVerb : AdminVerb
{
    public AdminHeldVerb() : base("held", "Lists the conversations of a restored backup that take nothing new yet.",
        new Example("admin held", "By id, with the number of entries that are here."))
    {
    }

    protected override async Task<ExitCode> RunAsync(CommandContext context, StoreTransfers transfers, StoreChoice store, ProgressBar progress)
    {
        await using var administration = await ServerAdministration.OpenMadeAsync(context.Places.Server, store, context.Clock);
        foreach (var (conversation, size) in await administration.HeldAsync())
            context.Screen.Data($"{conversation}  {Counted.Entries(size)}", JsonLine.Of("held", ("conversation", conversation.ToString()), ("size", size)));
        return ExitCode.Done;
    }
}

/// <summary>Lets conversations of a restored backup go on: you answer for it that nothing is missing.</summary>
internal sealed class AdminReleaseVerb : AdminVerb
{
    private readonly Argument<string?> _conversation = new("conversation") { Description = "Its id, as admin held shows it.", HelpName = "ID", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _all = new("--all") { Description = "All that are held." };

    public AdminReleaseVerb() : base("release", "Lets conversations of a restored backup go on: you answer for it that nothing is missing.",
        new Example("admin release --all", "After a backup that was made when nobody wrote any more."))
    {
        Arguments.Add(_conversation);
        Options.Add(_all);
    }

    protected override async Task<ExitCode> RunAsync(CommandContext context, StoreTransfers transfers, StoreChoice store, ProgressBar progress)
    {
        var one = context.Get(_conversation);
        if (one is null != context.Get(_all))
            throw CommandException.Usage("release takes one conversation's id, or --all.", context.Command("admin held") + " lists them");
        if (one is not null && !Hash32.TryParse(one, out _))
            throw CommandException.Usage("a conversation's id has 64 hexadecimal digits.", context.Command("admin held") + " lists them");
        await using var administration = await ServerAdministration.OpenMadeAsync(context.Places.Server, store, context.Clock);
        var released = await administration.ReleaseAsync(one is not null && Hash32.TryParse(one, out var id) ? new ConversationId(id) : null);
        context.Screen.Data($"released {released}", JsonLine.Of("released", ("conversations", released)));
        return ExitCode.Done;
    }
}
