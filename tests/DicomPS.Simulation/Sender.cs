using DicomPS.Archiving.Index;
using DicomPS.Archiving.Storage;
using DicomPS.Archiving.Serving;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Simulation;

/// <summary>
/// Who brings instances: over associations, one after the other where one breaks, and as imports. Few instances, so that they meet: the
/// same again, and others with the same UIDs.
/// </summary>
internal sealed class Sender(Life life, int number)
{
    private StoreScu? _scu;

    public async Task WorkAsync()
    {
        try
        {
            var steps = life.Random.Next(1, 12);
            for (var step = 0; step < steps && !life.Disk.IsDead; step++)
            {
                await life.PauseAsync().ConfigureAwait(false);
                var choice = life.Random.Next(12);
                if (life.Served is not { } archive)
                    await SendAsync().ConfigureAwait(false);
                else if (choice == 0)
                    await RetainAsync(archive).ConfigureAwait(false);
                else if (choice <= 2)
                    await ImportAsync(archive).ConfigureAwait(false);
                else
                    await SendAsync().ConfigureAwait(false);
            }

            if (_scu is { } && life.Random.Next(3) > 0)
                await _scu.ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (DicomException problem)
        {
            life.Trace($"{number}: release: {problem.GetType().Name}");
        }
        finally
        {
            await LeaveAsync().ConfigureAwait(false);
        }
    }

    private async Task SendAsync()
    {
        var (path, attempt) = await life.MakeAsync().ConfigureAwait(false);
        var file = DicomFileProbe.Read(path);
        life.Ledger.Begin(attempt);
        life.Trace($"{number}: sends version {attempt.Version} of {attempt.Identity}, {file.DatasetLength} bytes");
        try
        {
            _scu ??= await StoreScu.ConnectAsync(life.Calling(number), CancellationToken.None).ConfigureAwait(false);
            var context = _scu.RouteFor(file, reencode: false)!;
            var answer = await _scu.SendAsync(file, context, DicomPriority.Medium, null, CancellationToken.None).ConfigureAwait(false);
            var outcome = answer.Status switch
            {
                Statuses.Success => Outcome.Acknowledged,
                Statuses.DuplicateSopInstance => Outcome.Kept,
                _ => Outcome.Refused,
            };
            life.Trace($"{number}: version {attempt.Version}: {answer.Status:X4}");
            Told(attempt, outcome);
        }
        catch (DicomException problem)
        {
            // Whether it was stored is not known.
            life.Trace($"{number}: version {attempt.Version}: {problem.GetType().Name} {problem.Message}");
            await LeaveAsync().ConfigureAwait(false);
        }
    }

    private async Task ImportAsync(ServedArchive archive)
    {
        var (path, attempt) = await life.MakeAsync().ConfigureAwait(false);
        life.Ledger.Begin(attempt);
        life.Trace($"{number}: imports version {attempt.Version} of {attempt.Identity}");
        try
        {
            await foreach (var imported in archive.ImportAsync([path], ImportMode.Copy, life.Same).ConfigureAwait(false))
                Told(attempt, imported.Problem is { } ? Outcome.Refused : imported.Kept ? Outcome.Kept : Outcome.Acknowledged);
        }
        catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
        {
            life.Trace($"{number}: import of version {attempt.Version}: {problem.Message}");
            Told(attempt, Outcome.Refused);
        }
    }

    private async Task RetainAsync(ServedArchive archive)
    {
        life.Trace($"{number}: retains");
        try
        {
            var rules = new Retention { MaxBytes = life.Random.Next(1, 200_000) };
            await foreach (var removed in archive.Archive.RetainAsync(rules, life.Time.GetUtcNow().UtcDateTime, _ => false)
                .ConfigureAwait(false))
            {
                life.Trace($"{number}: removed {removed.Study.PatientId}/{removed.Study.StudyInstanceUid}");
                life.Ledger.Removed($"{removed.Study.PatientId}/{removed.Study.StudyInstanceUid}");
            }
        }
        catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
        {
            life.Trace($"{number}: retention: {problem.Message}");
            life.Ledger.MayHaveRemoved();
        }
    }

    // What is answered when all has ended was not said.
    private void Told(Attempt attempt, Outcome outcome)
    {
        if (!life.Disk.IsDead)
            life.Ledger.End(attempt, outcome);
    }

    private async Task LeaveAsync()
    {
        if (_scu is null)
            return;
        await _scu.DisposeAsync().ConfigureAwait(false);
        _scu = null;
    }
}
