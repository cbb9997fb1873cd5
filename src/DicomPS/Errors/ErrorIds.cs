namespace DicomPS.Errors;

/// <summary>
/// The ids of errors, beside those of timeouts and of verdicts, which are made of their names. Scripts look at them, so they stay.
/// </summary>
internal static class ErrorIds
{
    /// <summary>A registered node that is not there.</summary>
    public const string NodeNotFound = "DicomNodeNotFound";
    /// <summary>A node without a needed part, or with a wrong one.</summary>
    public const string NodeInvalid = "DicomNodeInvalid";
    /// <summary>An AE title that breaks the rules.</summary>
    public const string AETitleInvalid = "DicomAETitleInvalid";
    /// <summary>A UID that is none.</summary>
    public const string UidInvalid = "DicomUidInvalid";
    /// <summary>A name that is neither a keyword of the dictionary nor a tag.</summary>
    public const string KeywordUnknown = "DicomKeywordUnknown";
    /// <summary>Answers of which -Strict cannot say whether they fit.</summary>
    public const string AnswerNotJudged = "DicomAnswerNotJudged";
    /// <summary>An answer that is not what was asked for, and is not retrieved.</summary>
    public const string AnswerNotMatching = "DicomAnswerNotMatching";
    /// <summary>Archives of which not all is known, so that they cannot be called equal.</summary>
    public const string ComparisonIncomplete = "DicomComparisonIncomplete";
    /// <summary>More answers than can be kept until they are taken.</summary>
    public const string AnswersTooMany = "DicomAnswersTooMany";
    /// <summary>A key that is given by name and has no value.</summary>
    public const string KeyEmpty = "DicomKeyEmpty";
    /// <summary>What comes down the pipeline and has no key.</summary>
    public const string RowWithoutKey = "DicomRowWithoutKey";
    /// <summary>A range of time that nothing lies in, or that is said twice.</summary>
    public const string DateRangeInvalid = "DicomDateRangeInvalid";
    /// <summary>A parameter that means nothing beside another one.</summary>
    public const string ParameterWithoutMeaning = "DicomParameterWithoutMeaning";
    /// <summary>A layout that is none.</summary>
    public const string LayoutInvalid = "DicomLayoutInvalid";
    /// <summary>A node file that cannot be understood.</summary>
    public const string NodeFileBroken = "DicomNodeFileBroken";
    /// <summary>A node file that another session holds.</summary>
    public const string NodeFileBusy = "DicomNodeFileBusy";
    /// <summary>A list of nodes that cannot be understood, or a row of it.</summary>
    public const string NodeListInvalid = "DicomNodeListInvalid";
    /// <summary>A node that is registered already, as another one.</summary>
    public const string NodeExists = "DicomNodeExists";
    /// <summary>A file or folder that is not there.</summary>
    public const string FileNotFound = "DicomFileNotFound";
    /// <summary>A folder in which nothing could be sent.</summary>
    public const string FolderWithoutDicom = "DicomFolderWithoutDicom";
    /// <summary>A folder that cannot be listed.</summary>
    public const string FolderUnreadable = "DicomFolderUnreadable";
    /// <summary>A folder that cannot be made or written to.</summary>
    public const string FolderNotWritable = "DicomFolderNotWritable";
    /// <summary>A file that is no DICOM, or is cut short.</summary>
    public const string FileUnreadable = "DicomFileUnreadable";
    /// <summary>An instance that the archive has already, and keeps.</summary>
    public const string InstanceExists = "DicomInstanceExists";
    /// <summary>A text that is no JSON, or JSON that is no dataset.</summary>
    public const string JsonInvalid = "DicomJsonInvalid";
    /// <summary>An object that is no worklist item.</summary>
    public const string WorklistItemInvalid = "DicomWorklistItemInvalid";
    /// <summary>A running server that is not there.</summary>
    public const string ServerNotFound = "DicomServerNotFound";
    /// <summary>A running server that stores nothing.</summary>
    public const string ServerWithoutStudies = "DicomServerWithoutStudies";
    /// <summary>A study that was waited for and was not complete.</summary>
    public const string StudyIncomplete = "DicomStudyIncomplete";
    /// <summary>A port that something else listens on.</summary>
    public const string PortInUse = "DicomPortInUse";
    /// <summary>A $using: variable that is not there, or cannot be passed on.</summary>
    public const string UsingVariableInvalid = "DicomUsingVariableInvalid";
    /// <summary>A service without a script block, or a block without a service.</summary>
    public const string ServiceInvalid = "DicomServiceInvalid";
    /// <summary>A user that cannot be one.</summary>
    public const string UserInvalid = "DicomUserInvalid";
    /// <summary>A user that a file does not have.</summary>
    public const string UserNotFound = "DicomUserNotFound";
    /// <summary>A file of users that cannot be read or written.</summary>
    public const string UserFileUnusable = "DicomUserFileUnusable";
    /// <summary>A rule of -Allow that cannot hold on its server.</summary>
    public const string AccessRuleInvalid = "DicomAccessRuleInvalid";
    /// <summary>A certificate that is missing or cannot be used.</summary>
    public const string CertificateInvalid = "DicomCertificateInvalid";

    /// <summary>A trace file that cannot be written.</summary>
    public const string TraceUnusable = "DicomTraceUnusable";

    /// <summary>The file or server of -Audit cannot be used.</summary>
    public const string AuditUnusable = "DicomAuditUnusable";
    /// <summary>A store of transfers cannot be opened, made, or reached.</summary>
    public const string TransferStoreUnusable = "DicomTransferStoreUnusable";
    /// <summary>There is no transfer of that name.</summary>
    public const string TransferNotFound = "DicomTransferNotFound";
    /// <summary>There is a transfer of that name already.</summary>
    public const string TransferExists = "DicomTransferExists";
    /// <summary>A transfer is worked on, and must not be removed.</summary>
    public const string TransferBusy = "DicomTransferBusy";
    /// <summary>A window or a time zone is not understood.</summary>
    public const string TransferWindowInvalid = "DicomTransferWindowInvalid";
    /// <summary>A transfer is not at its end, or something failed or differs.</summary>
    public const string TransferIncomplete = "DicomTransferIncomplete";
    /// <summary>Nothing of a transfer can be moved now, so that it cannot be measured.</summary>
    public const string TransferNothingToMeasure = "DicomTransferNothingToMeasure";
    /// <summary>An index that is not there, or cannot be opened, read or written.</summary>
    public const string IndexUnusable = "DicomIndexUnusable";
    /// <summary>An archive that is open already, here or in another process.</summary>
    public const string ArchiveBusy = "DicomArchiveBusy";
    /// <summary>Files to be imported, and no archive or several to import them into.</summary>
    public const string ArchiveMissing = "DicomArchiveMissing";
    /// <summary>A study that an archive does not have.</summary>
    public const string StudyNotFound = "DicomStudyNotFound";
    /// <summary>Something that cannot be put into an index.</summary>
    public const string IndexInputUnknown = "DicomIndexInputUnknown";
    /// <summary>Keys of a retrieve that do not make a request.</summary>
    public const string RetrieveKeysInvalid = "DicomRetrieveKeysInvalid";
    /// <summary>A move without a place to go to, or with two.</summary>
    public const string DestinationMissing = "DicomDestinationMissing";
    /// <summary>A move to this machine without a port that is agreed with the peer.</summary>
    public const string LocalPortMissing = "DicomLocalPortMissing";

    /// <summary>Storage commitment without anything to ask for.</summary>
    public const string CommitmentInputUnknown = "DicomCommitmentInputUnknown";
    /// <summary>Instances that a peer does not answer for.</summary>
    public const string NotCommitted = "DicomNotCommitted";
    /// <summary>A library that is there in another version, or not whole.</summary>
    public const string LibraryUnusable = "DicomLibraryUnusable";

    /// <summary>A procedure step that is completed or discontinued, and changes no more.</summary>
    public const string ProcedureStepFinal = "DicomProcedureStepFinal";
    /// <summary>A procedure step that would end without what it must have then.</summary>
    public const string ProcedureStepIncomplete = "DicomProcedureStepIncomplete";

    /// <summary>A name of a service or an account that is none, or a text that cannot stand in a file of the system.</summary>
    public const string ServiceNameInvalid = "DicomServiceNameInvalid";
    /// <summary>A service that was not registered.</summary>
    public const string ServiceNotFound = "DicomServiceNotFound";
    /// <summary>A service of that name is there already.</summary>
    public const string ServiceExists = "DicomServiceExists";
    /// <summary>A service whose definition cannot be read.</summary>
    public const string ServiceBroken = "DicomServiceBroken";
    /// <summary>A script that cannot be that of a service.</summary>
    public const string ServiceScriptInvalid = "DicomServiceScriptInvalid";
    /// <summary>A service that only an administrator may change.</summary>
    public const string ServiceNotPermitted = "DicomServiceNotPermitted";
    /// <summary>What this system does not know.</summary>
    public const string ServiceUnsupported = "DicomServiceUnsupported";
    /// <summary>The service manager of the system does not answer.</summary>
    public const string ServiceManagerMissing = "DicomServiceManagerMissing";
    /// <summary>The service manager refused, or could not do it.</summary>
    public const string ServiceFailed = "DicomServiceFailed";

    /// <summary>A peer that breaks the rules of DICOM.</summary>
    public const string ProtocolViolation = "DicomProtocolViolation";
    /// <summary>An association that the peer refused.</summary>
    public const string AssociationRejected = "DicomAssociationRejected";
    /// <summary>An association that ended before its time.</summary>
    public const string AssociationAborted = "DicomAssociationAborted";
    /// <summary>A request that the peer answered with a failure.</summary>
    public const string StatusFailure = "DicomStatusFailure";
    /// <summary>A file or folder without the rights for it.</summary>
    public const string AccessDenied = "DicomAccessDenied";
    /// <summary>A file that cannot be read or written.</summary>
    public const string ReadWriteFailed = "DicomReadWriteFailed";
    /// <summary>A value that a parameter does not take.</summary>
    public const string ArgumentInvalid = "DicomArgumentInvalid";
    /// <summary>A host name without an address.</summary>
    public const string NameLookupFailed = "DicomNameLookupFailed";
    /// <summary>A connection that could not be made.</summary>
    public const string ConnectionFailed = "DicomConnectionFailed";
    /// <summary>A certificate of the peer that is not trusted.</summary>
    public const string CertificateRejected = "DicomCertificateRejected";
    /// <summary>A TLS handshake that failed.</summary>
    public const string TlsFailed = "DicomTlsFailed";
    /// <summary>TLS on one side only.</summary>
    public const string TlsMismatch = "DicomTlsMismatch";
    /// <summary>A port on which something else than DICOM listens.</summary>
    public const string PeerNotDicom = "DicomPeerNotDicom";
    /// <summary>A service that the peer does not take.</summary>
    public const string PresentationContextRejected = "DicomPresentationContextRejected";
    /// <summary>A port on which nobody listens.</summary>
    public const string ConnectionRefused = "DicomConnectionRefused";
    /// <summary>An address without a way to it.</summary>
    public const string HostUnreachable = "DicomHostUnreachable";
    /// <summary>A port that this user may not listen on.</summary>
    public const string PortDenied = "DicomPortDenied";
    /// <summary>An address that is none of this machine.</summary>
    public const string AddressNotAvailable = "DicomAddressNotAvailable";
    /// <summary>What nothing else fits.</summary>
    public const string Failure = "DicomFailure";
}
