using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Retrieving;
using DicomPS.Scp;

namespace DicomPS.Engine.Tests.Retrieving;

/// <summary>Instances that come more than once in one C-GET.</summary>
public sealed partial class GetTests
{
    [Fact]
    public async Task An_instance_that_comes_twice_with_other_bytes_is_suspect()
    {
        var (one, other) = (Instances.Dataset(instance: "1.2.3.1"), Instances.Dataset(instance: "1.2.3.1"));
        other.Set(Tags.PatientName, "PHANTOM^TWO");
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.StoreAsync(one);
            await call.StoreAsync(other);
            await call.FinalAsync(0, 2, 0, 0);
        });
        var result = await GetAsync(archive);
        Assert.Equal((RetrieveVerdict.Suspect, 1), (result.GetVerdict(), result.Received));
        Assert.Contains("other bytes", result.Advice);
    }

    [Fact]
    public async Task An_instance_of_the_same_UID_and_another_patient_is_kept_too_and_once()
    {
        var (one, other) = (Instances.Dataset(instance: "1.2.3.1"), Instances.Dataset(instance: "1.2.3.1"));
        other.Set(Tags.PatientID, "ANOTHER");
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.StoreAsync(one);
            await call.StoreAsync(other);
            await call.StoreAsync(other);
            await call.StoreAsync(one);
            await call.FinalAsync(0, 4, 0, 0);
        });
        var result = await GetAsync(archive, o => o with { Storage = o.Storage! with { Duplicates = DuplicatePolicy.KeepBoth } });
        Assert.Equal((RetrieveVerdict.Suspect, 1), (result.GetVerdict(), result.Received));
        Assert.Equal(
            ["ANOTHER", one.GetString(Tags.PatientID)],
            _folder.Files().Select(file => DicomFileProbe.Read(file).Header.GetString(Tags.PatientID)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Another_patients_instance_does_not_replace_one_of_the_same_UID()
    {
        var (one, other) = (Instances.Dataset(instance: "1.2.3.1"), Instances.Dataset(instance: "1.2.3.1"));
        other.Set(Tags.PatientID, "ANOTHER");
        await using var archive = ScriptedArchive.Start(call => AnswerAsync(call, [one, other]));
        var result = await GetAsync(archive);
        Assert.Equal((RetrieveVerdict.Suspect, 2), (result.GetVerdict(), _folder.Files().Length));
    }

    [Fact]
    public async Task What_comes_again_and_cannot_be_stored_is_not_answered_with_success()
    {
        var (one, other) = (Instances.Dataset(instance: "1.2.3.1"), Instances.Dataset(instance: "1.2.3.1"));
        var statuses = new List<ushort?>();
        await using var archive = ScriptedArchive.Start(async call =>
        {
            statuses.Add(await call.StoreAsync(one));
            other.Set(Tags.PixelData, Vr.OW, new byte[100_000]);
            statuses.Add(await call.StoreAsync(other));
            await call.FinalAsync(0xB000, 1, 1, 0);
        });
        var result = await GetAsync(archive, o => o with { Storage = o.Storage! with { MaximumObjectBytes = 50_000 } });
        Assert.Equal([(ushort)0, (ushort)0xA700], statuses.Take(2).Select(s => s!.Value));
        Assert.NotEqual(RetrieveVerdict.Complete, result.GetVerdict());
        Assert.Single(_folder.Files());
    }
}
