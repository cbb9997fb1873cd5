using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>The two ends of association negotiation as pure functions (PS3.7 D, PS3.8 7.1).</summary>
public static class Negotiation
{
    /// <summary>Answers a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="policy">What is accepted.</param>
    /// <returns>An <see cref="AssociateAc"/> or an <see cref="AssociateRj"/>.</returns>
    public static Pdu Accept(AssociateRq request, AcceptorPolicy policy) => throw new NotImplementedException();

    /// <summary>Makes the request that the options describe.</summary>
    /// <param name="options">Whom to call and what to propose.</param>
    /// <exception cref="ArgumentException">An AE title, a UID or the number of contexts is not what the standard allows.</exception>
    public static AssociateRq Propose(AssociationOptions options) => throw new NotImplementedException();
}
