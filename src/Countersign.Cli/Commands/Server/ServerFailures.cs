using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>The server library's failures as errors with a next step.</summary>
internal static class ServerFailures
{
    /// <summary>Works on the directory's own server, whether it runs or not; it has to have a store.</summary>
    public static Task<ExitCode> AdministerAsync(CommandContext context, Func<ServerAdministration, Task<ExitCode>> work) => TranslateAsync(context, async () =>
    {
        await using var administration = await ServerAdministration.OpenMadeAsync(
            context.Places.Server, ServerConfiguration.Load(context.Places.Server).Store, context.Clock);
        return await work(administration);
    });

    public static async Task<ExitCode> TranslateAsync(CommandContext context, Func<Task<ExitCode>> work)
    {
        try
        {
            return await work();
        }
        catch (AuthorityException e) when (e.Fault is AuthorityFault.NotInitialised && Directory.Exists(context.Places.Server))
        {
            throw new CommandException(ExitCode.NotFound, "unfinished-server", $"the making of the server in {context.Places.Server} was not finished: its key is not there.",
                "give server init again as before; or delete the directory: " + context.Command("up") + " then makes everything here", e);
        }
        catch (AuthorityException e) when (e.Fault is AuthorityFault.NotInitialised)
        {
            throw new CommandException(ExitCode.NotFound, "no-server", $"there is no server in {context.Places.Server}.",
                context.Command("up") + " makes everything here; server init prepares one under a root kept elsewhere", e);
        }
        catch (AuthorityException e)
        {
            throw AuthorityFailures.Explain(context, context.Places.Server, e);
        }
        catch (CertificateRefusedException e) when (e.Fault is CertificateFault.RevocationStale)
        {
            throw new CommandException(ExitCode.CertificateRefused, "list-ended", "the root's revocation list has ended, or this machine's clock is wrong: no client would accept the server (CE-10).",
                $"where the root is: {context.Surroundings.CommandName} ca crl --dir ROOT --out root.crl; then here: "
                    + context.Command($"server install {Shell.Quote(Path.Combine(context.Places.Server, "authority", "ca.crt"))} --crl root.crl"), e);
        }
        catch (CertificateRefusedException e)
        {
            throw AuthorityFailures.Refused("the certificate or list", e);
        }
        catch (OptionsException e)
        {
            throw CommandException.Usage(e.Message, "serve --print-config shows every setting");
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            throw new CommandException(ExitCode.Failed, "store", e.Message, "admin check names the places", e);
        }
        catch (StoreException e)
        {
            throw new CommandException(ExitCode.Database, e.Fault == StoreFault.NewerSchema ? "newer-schema" : "store", e.Message, "docs/OPERATIONS.md, Database", e);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw AddressInUse(e);
        }
        catch (Microsoft.AspNetCore.Connections.AddressInUseException e)
        {
            throw AddressInUse(e);
        }
    }

    private static CommandException AddressInUse(Exception e) =>
        new(ExitCode.Locked, "address-in-use", "another program listens on this address.", "end it, or choose another with --listen ADDRESS:PORT", e);
}
