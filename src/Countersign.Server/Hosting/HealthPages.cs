using Microsoft.AspNetCore.Http;

namespace Countersign.Server;

/// <summary>/healthz and /metrics, for the machine's own monitoring. Nothing on them names a user.</summary>
internal sealed class HealthPages(IServerStore store, Ledger ledger, HeadSigner heads, Trust trust, PrometheusText metrics, TimeProvider clock)
{
    public async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/healthz" when HttpMethods.IsGet(context.Request.Method):
                var fault = await FaultAsync().ConfigureAwait(false);
                context.Response.StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
                await context.Response.WriteAsync((fault ?? "ok") + "\n").ConfigureAwait(false);
                break;
            case "/metrics" when HttpMethods.IsGet(context.Request.Method):
                context.Response.ContentType = PrometheusText.ContentType;
                await context.Response.WriteAsync(metrics.Render()).ConfigureAwait(false);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private async Task<string?> FaultAsync()
    {
        if (ledger.Completion.IsCompleted)
            return "the ledger has ended";
        if (trust.Current.Lists.Any(list => list.NextUpdate < clock.GetUtcNow()))
            return "a revocation list is stale";
        try
        {
            await store.CheckAsync().ConfigureAwait(false);
        }
        catch (StoreException)
        {
            return "the store does not answer";
        }
        try
        {
            await heads.TimeAsync().ConfigureAwait(false);
            return null;
        }
        catch (StoreException)
        {
            return "the clock is wrong: nothing can be signed";
        }
    }
}
