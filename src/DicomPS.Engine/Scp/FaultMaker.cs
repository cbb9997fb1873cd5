using DicomPS.Associations;
using DicomPS.Dimse;
using DicomPS.Pdus;

namespace DicomPS.Scp;

/// <summary>Does what a <see cref="FaultPlan"/> says, for one server.</summary>
internal sealed class FaultMaker(FaultPlan plan)
{
    private int _refused;
    private int _requests;

    public long? DropAfterBytes => plan.DropAfterBytes;

    /// <summary>Turns a policy into one that refuses, while associations are to be refused.</summary>
    public AcceptorPolicy Apply(AcceptorPolicy policy)
    {
        if (plan.RefuseAssociation == int.MaxValue)
            return policy with { UserIdentity = static _ => new UserIdentityDecision(false) };
        if (Volatile.Read(ref _refused) >= plan.RefuseAssociation || Interlocked.Increment(ref _refused) > plan.RefuseAssociation)
            return policy;
        return policy with { IsLimitReached = true };
    }

    /// <summary>Turns a row into one that is late and fails from time to time.</summary>
    public ServiceRow Apply(ServiceRow row) => row with
    {
        Handler = async (call, cancellationToken) =>
        {
            if (plan.DelayMilliseconds > 0)
                await Task.Delay(plan.DelayMilliseconds, cancellationToken).ConfigureAwait(false);
            if (plan.FailEvery is { } every && Interlocked.Increment(ref _requests) % every == 0)
            {
                var fault = new ServiceException(plan.FailStatus ?? row.FailureStatus, "This failure was asked for (fault plan)");
                row.Unserved?.Invoke(call, fault);
                throw fault;
            }

            return await row.Handler(call, cancellationToken).ConfigureAwait(false);
        },
    };

    /// <summary>What is asked before each message of an association goes out; null when nothing is to be asked.</summary>
    public Func<CommandSet, Task>? GateFor(Association association)
    {
        if (plan.AbortAfter is not { } most)
            return null;
        var sent = 0;
        return async command =>
        {
            if (!command.IsResponse || Interlocked.Increment(ref sent) <= most)
                return;
            await association.AbortAsync().ConfigureAwait(false);
            throw new AssociationAbortedException(
                $"The association was aborted after {most} responses, as the fault plan has it.")
            { Stage = DicomStage.Dimse };
        };
    }
}
