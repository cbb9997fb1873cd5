using System.Net;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;
using DicomPS.Scp;
using DicomPS.Serialization;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Scp;

/// <summary>Who gets into a server, and what for: by rules, and by places.</summary>
public sealed class AdmissionTests : IDisposable
{
    private const string Ct = Uids.CTImageStorage, Echo = Uids.Verification, Explicit = "1.2.840.10008.1.2.1";
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("CT1@127.0.0.0/8", "CT1", null)]
    [InlineData("CT*@10.0.0.0/8,127.0.0.1", "CT9", null)]
    [InlineData("@127.0.0.1", "ANYBODY", null)]
    [InlineData("CT1@127.0.0.0/8", "CT2", "No rule of -Allow names the calling AE title 'CT2'")]
    [InlineData("CT1@127.0.0.0/8", "ct1", "No rule of -Allow names the calling AE title 'ct1'")]
    [InlineData("CT1@10.0.0.0/8", "CT1", "The rule 'CT1@10.0.0.0/8' names 'CT1', and not this address")]
    [InlineData("@10.0.0.0/8", "CT1", "not this address")]
    public async Task A_caller_whom_no_rule_fits_is_refused_with_the_reason_in_the_event(string rule, string calling, string? reason)
    {
        await using var server = Serve(o => o with { Allow = [AccessRule.Parse(rule)] });
        if (reason is null)
        {
            await using var association = await ConnectAsync(server, calling, new PresentationContextProposal(Ct, [Explicit]));
            Assert.Equal(0, await StoreAsync(association));
            return;
        }

        var refused = await Assert.ThrowsAsync<AssociationRejectedException>(
            () => ConnectAsync(server, calling, new PresentationContextProposal(Ct, [Explicit])));
        Assert.Equal((1, 1, 3), (refused.Result, refused.Source, refused.Reason));
        var told = await EventAsync(server, ServerEventKind.Refused);
        Assert.Contains(reason, told.Message);
        Assert.Contains($"'{calling}@127.0.0.1:Echo,Store'", told.Advice);
    }

    [Fact]
    public async Task Who_may_not_store_is_refused_the_context_and_told_so()
    {
        await using var server = Serve(o => o with { Allow = [AccessRule.Parse("CT1:Echo")] });
        await using var association = await ConnectAsync(server, "CT1", new PresentationContextProposal(Ct, [Explicit]),
            new PresentationContextProposal(Echo, [Explicit]));
        Assert.Equal(Echo, Assert.Single(association.AcceptedContexts).AbstractSyntax);
        Assert.Equal(3, Assert.Single(association.RefusedContexts).Result);
        var told = await EventAsync(server, ServerEventKind.Warning);
        Assert.Contains("not allowed to this caller: CT Image Storage", told.Message);
        Assert.Contains("add Store to its rule", told.Advice);
    }

    [Fact]
    public async Task Rules_that_fit_the_same_caller_add_up()
    {
        await using var server = Serve(o => o with { Allow = [AccessRule.Parse("*:Echo"), AccessRule.Parse("CT1:Store")] });
        await using var both = await ConnectAsync(server, "CT1", new PresentationContextProposal(Ct, [Explicit]),
            new PresentationContextProposal(Echo, [Explicit]));
        await using var one = await ConnectAsync(server, "CT2", new PresentationContextProposal(Ct, [Explicit]),
            new PresentationContextProposal(Echo, [Explicit]));
        Assert.Equal((2, 1), (both.AcceptedContexts.Count, one.AcceptedContexts.Count));
    }

    [Fact]
    public async Task A_title_of_the_short_form_may_do_everything_beside_the_rules()
    {
        await using var server = Serve(
            o => o with
            {
                AllowedCallingAETitles = ["CT1", "C*"],
                Allow = [AccessRule.Parse("CT2@10.0.0.0/8"), AccessRule.Parse("MR1:Echo")],
            });
        await using var listed = await ConnectAsync(server, "CT1", new PresentationContextProposal(Ct, [Explicit]));
        Assert.Equal(0, await StoreAsync(listed));
        await using var ruled = await ConnectAsync(server, "MR1", new PresentationContextProposal(Ct, [Explicit]));
        Assert.Empty(ruled.AcceptedContexts);
        foreach (var stranger in new[] { "CT2", "CT3" })
            await Assert.ThrowsAsync<AssociationRejectedException>(
                () => ConnectAsync(server, stranger, new PresentationContextProposal(Ct, [Explicit])));
    }

    [Fact]
    public async Task Who_may_only_get_has_storage_for_what_comes_back_and_stores_nothing()
    {
        await using var server = Serve(o => o with { Allow = [AccessRule.Parse("WS:Get")] });
        await using var association = await ConnectAsync(server, "WS",
            new PresentationContextProposal(Ct, [Explicit]) { ScuRole = true, ScpRole = true });
        var context = Assert.Single(association.AcceptedContexts);
        Assert.Equal((false, true), (context.ScuRole, context.ScpRole));
        Assert.Equal(0x0124, await StoreAsync(association));
        Assert.Empty(_folder.Files());
        Assert.Contains("add the service to its rule", (await EventAsync(server, ServerEventKind.Failed)).Advice);
        Assert.Equal(0x0124, await StoreAsync(association));
    }

    [Fact]
    public async Task A_rule_has_as_many_associations_as_it_says()
    {
        await using var server = Serve(o => o with { Allow = [AccessRule.Parse("CT1") with { MaximumAssociations = 1 }] });
        await using (await ConnectAsync(server, "CT1", new PresentationContextProposal(Ct, [Explicit])))
        {
            var refused = await Assert.ThrowsAsync<AssociationRejectedException>(
                () => ConnectAsync(server, "CT1", new PresentationContextProposal(Ct, [Explicit])));
            Assert.Equal((2, 3, 2), (refused.Result, refused.Source, refused.Reason));
            Assert.Contains("as many associations open as it allows", (await EventAsync(server, ServerEventKind.Refused)).Message);
        }

        while (server.ActiveAssociations > 0)
            await Task.Delay(10, Token);
        await using var next = await ConnectAsync(server, "CT1", new PresentationContextProposal(Ct, [Explicit]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_comes_a_moment_before_a_place_is_left_gets_it(bool isByRule)
    {
        await using var server = Serve(o => isByRule ? o with { Allow = [AccessRule.Parse("CT1") with { MaximumAssociations = 1 }] }
            : o with { MaximumAssociations = 1 });
        var first = await ConnectAsync(server, "CT1", new PresentationContextProposal(Ct, [Explicit]));
        var next = ConnectAsync(server, "CT1", new PresentationContextProposal(Ct, [Explicit]));
        // Its request is there when the first one goes.
        await Task.Delay(50, Token);
        await first.DisposeAsync();
        await using var second = await next;
        Assert.Equal(0, await StoreAsync(second));
    }

    [Fact]
    public async Task Beyond_the_limit_of_the_day_an_instance_is_refused_and_others_store_on()
    {
        await using var server = Serve(
            o => o with
            {
                Allow = [AccessRule.Parse("CT1") with { MaximumInstancesPerDay = 1 },
                    AccessRule.Parse("CT2") with { MaximumBytesPerDay = 1 }],
            });
        foreach (var title in new[] { "CT1", "CT2" })
        {
            await using var association = await ConnectAsync(server, title, new PresentationContextProposal(Ct, [Explicit]));
            Assert.Equal(0, await StoreAsync(association));
            Assert.Equal(0xA700, await StoreAsync(association));
        }

        Assert.Equal(2, _folder.Files().Length);
        Assert.Contains("1 instances a day", (await EventAsync(server, ServerEventKind.Failed)).Message);
    }

    [Fact]
    public void A_day_ends_at_midnight_and_the_count_begins_again()
    {
        var clock = new Clock(new DateTimeOffset(new DateTime(2024, 5, 1, 23, 59, 0, DateTimeKind.Local)));
        var use = new RuleUse(new AccessRule { MaximumInstancesPerDay = 2, MaximumBytesPerDay = 100 }, clock);
        use.Stored(10);
        Assert.True(use.HasLeft());
        use.Stored(10);
        Assert.False(use.HasLeft());
        clock.Now += TimeSpan.FromMinutes(2);
        Assert.True(use.HasLeft());
        use.Stored(100);
        Assert.False(use.HasLeft());
    }

    [Fact]
    public void One_address_has_nearly_all_places_and_the_last_are_for_others()
    {
        var places = new Places(64);
        IPAddress router = IPAddress.Parse("10.0.0.1"), other = IPAddress.Parse("10.0.0.2");
        for (var i = 0; i < 60; i++)
            Assert.True(places.TryTake(router, out _));
        Assert.False(places.TryTake(router, out var held));
        Assert.Equal(60, held);
        for (var i = 0; i < 4; i++)
            Assert.True(places.TryTake(other, out _));
        Assert.False(places.TryTake(other, out _));
        places.Leave(router);
        Assert.False(places.TryTake(router, out _));
        Assert.True(places.TryTake(other, out _));
    }

    [Fact]
    public void Few_places_are_all_for_whoever_comes_and_addresses_of_one_network_of_IPv6_are_one()
    {
        var few = new Places(4);
        for (var i = 0; i < 4; i++)
            Assert.True(few.TryTake(IPAddress.Loopback, out _));
        Assert.False(few.TryTake(IPAddress.Loopback, out _));
        var places = new Places(32);
        for (var i = 0; i < 30; i++)
            Assert.True(places.TryTake(IPAddress.Parse($"2001:db8::{i + 1:x}"), out _));
        Assert.False(places.TryTake(IPAddress.Parse("2001:db8::ffff"), out _));
        Assert.True(places.TryTake(IPAddress.Parse("2001:db8:0:1::1"), out _));
    }

    private StorageServer Serve(Func<DicomServerOptions, DicomServerOptions> change) => StorageServer.Start(new StorageServerOptions
    {
        Folder = _folder.Path,
        Server = change(new DicomServerOptions { AETitle = "BOX", Address = IPAddress.Loopback }),
    });

    private static Task<Association> ConnectAsync(StorageServer server, string calling, params PresentationContextProposal[] contexts) =>
        Association.ConnectAsync(new AssociationOptions
        {
            Host = "127.0.0.1",
            Port = server.Port,
            CallingAETitle = calling,
            CalledAETitle = "BOX",
            PresentationContexts = contexts,
        }, Token);

    private static Task<ushort> StoreAsync(Association association) =>
        RawSender.StoreAsync(association, Instances.Dataset(instance: Uid.New()), Token);

    private static async Task<ScpEvent> EventAsync(StorageServer server, ServerEventKind kind)
    {
        while (true)
        {
            if (server.GetEvents().FirstOrDefault(one => one.Kind == kind.ToString()) is { } found)
                return found;
            await Task.Delay(20, Token);
        }
    }

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now.ToUniversalTime();
    }
}
