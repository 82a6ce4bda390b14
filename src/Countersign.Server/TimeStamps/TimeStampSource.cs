using System.Net.Http.Headers;
using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Server;

/// <summary>Somebody who stamps bytes.</summary>
internal interface ITimeStampSource : IDisposable
{
    /// <summary>A token for these bytes, not yet verified.</summary>
    /// <exception cref="TimeStampRefusedException">The answer is none to this request.</exception>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    Task<TimeStampToken> StampAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);
}

internal static class TimeStampSources
{
    /// <summary>The source that the operator chose; null for none.</summary>
    public static ITimeStampSource? Of(TimeStampChoice choice, ServerDirectory directory) => choice switch
    {
        TimeStampChoice.None => null,
        TimeStampChoice.Self => new OwnTimeStampSource(directory.TimeStamps
            ?? throw new InvalidOperationException("The directory was opened without its time-stamp authority.")),
        TimeStampChoice.Remote remote => new RemoteTimeStampSource(remote.Address),
        _ => throw new ArgumentOutOfRangeException(nameof(choice)),
    };
}

/// <summary>The authority in this process; stays its owner's.</summary>
internal sealed class OwnTimeStampSource(TimeStampAuthority authority) : ITimeStampSource
{
    public Task<TimeStampToken> StampAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var request = TimeStampRequest.For(bytes.Span);
        return Task.FromResult(request.ReadResponse(authority.Respond(request.Encode())));
    }

    public void Dispose() { }
}

/// <summary>An authority that is asked by HTTP (RFC 3161 section 3.4).</summary>
internal sealed class RemoteTimeStampSource : ITimeStampSource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = TimeStampRequest.MaxResponse,
    };

    private readonly Uri _address;

    public RemoteTimeStampSource(Uri address) => _address = address;

    public async Task<TimeStampToken> StampAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var request = TimeStampRequest.For(bytes.Span);
        using var content = new ByteArrayContent(request.Encode());
        content.Headers.ContentType = new MediaTypeHeaderValue(TimeStampRequest.MediaType);
        try
        {
            using var response = await _http.PostAsync(_address, content, cancellation).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            return request.ReadResponse(await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
        }
        catch (TaskCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException("The time-stamp authority did not answer in time.", e);
        }
    }

    public void Dispose() => _http.Dispose();
}
