namespace DicomPS.Arguments;

/// <content>
/// Keywords that peers match or answer, of the tables of PS3.4 (C.6, K.6) and of the modules that many of them index. PowerShell offers
/// the properties of a parameter's type within the braces of a hashtable, and nothing else.
/// </content>
public sealed partial class KeyTable
{
    public object? AccessionNumber { set => Put(value); }

    public object? AcquisitionDate { set => Put(value); }

    public object? AcquisitionDateTime { set => Put(value); }

    public object? AcquisitionNumber { set => Put(value); }

    public object? AcquisitionTime { set => Put(value); }

    public object? AdditionalPatientHistory { set => Put(value); }

    public object? AdmissionID { set => Put(value); }

    public object? AdmittingDiagnosesDescription { set => Put(value); }

    public object? Allergies { set => Put(value); }

    public object? AnatomicRegionSequence { set => Put(value); }

    public object? BodyPartExamined { set => Put(value); }

    public object? BurnedInAnnotation { set => Put(value); }

    public object? ClinicalTrialProtocolID { set => Put(value); }

    public object? ClinicalTrialSiteID { set => Put(value); }

    public object? ClinicalTrialSubjectID { set => Put(value); }

    public object? Columns { set => Put(value); }

    public object? CompletionFlag { set => Put(value); }

    public object? ConceptNameCodeSequence { set => Put(value); }

    public object? ContentCreatorName { set => Put(value); }

    public object? ContentDate { set => Put(value); }

    public object? ContentDescription { set => Put(value); }

    public object? ContentLabel { set => Put(value); }

    public object? ContentTime { set => Put(value); }

    public object? ContrastBolusAgent { set => Put(value); }

    public object? ConvolutionKernel { set => Put(value); }

    public object? CurrentPatientLocation { set => Put(value); }

    public object? DeviceSerialNumber { set => Put(value); }

    public object? EchoTime { set => Put(value); }

    public object? EthnicGroup { set => Put(value); }

    public object? FrameOfReferenceUID { set => Put(value); }

    public object? ImageComments { set => Put(value); }

    public object? ImageLaterality { set => Put(value); }

    public object? ImageType { set => Put(value); }

    public object? InstanceAvailability { set => Put(value); }

    public object? InstanceCreationDate { set => Put(value); }

    public object? InstanceCreationTime { set => Put(value); }

    public object? InstanceNumber { set => Put(value); }

    public object? InstitutionAddress { set => Put(value); }

    public object? InstitutionalDepartmentName { set => Put(value); }

    public object? InstitutionName { set => Put(value); }

    public object? IssuerOfAccessionNumberSequence { set => Put(value); }

    public object? IssuerOfPatientID { set => Put(value); }

    public object? KVP { set => Put(value); }

    public object? Laterality { set => Put(value); }

    public object? Manufacturer { set => Put(value); }

    public object? ManufacturerModelName { set => Put(value); }

    public object? MedicalAlerts { set => Put(value); }

    public object? ModalitiesInStudy { set => Put(value); }

    public object? Modality { set => Put(value); }

    public object? NameOfPhysiciansReadingStudy { set => Put(value); }

    public object? NumberOfFrames { set => Put(value); }

    public object? NumberOfPatientRelatedInstances { set => Put(value); }

    public object? NumberOfPatientRelatedSeries { set => Put(value); }

    public object? NumberOfPatientRelatedStudies { set => Put(value); }

    public object? NumberOfSeriesRelatedInstances { set => Put(value); }

    public object? NumberOfStudyRelatedInstances { set => Put(value); }

    public object? NumberOfStudyRelatedSeries { set => Put(value); }

    public object? Occupation { set => Put(value); }

    public object? OperatorsName { set => Put(value); }

    public object? OtherPatientIDsSequence { set => Put(value); }

    public object? OtherPatientNames { set => Put(value); }

    public object? PatientAddress { set => Put(value); }

    public object? PatientAge { set => Put(value); }

    public object? PatientBirthDate { set => Put(value); }

    public object? PatientBirthTime { set => Put(value); }

    public object? PatientBreedDescription { set => Put(value); }

    public object? PatientComments { set => Put(value); }

    public object? PatientID { set => Put(value); }

    public object? PatientIdentityRemoved { set => Put(value); }

    public object? PatientName { set => Put(value); }

    public object? PatientPosition { set => Put(value); }

    public object? PatientSex { set => Put(value); }

    public object? PatientSize { set => Put(value); }

    public object? PatientSpeciesDescription { set => Put(value); }

    public object? PatientState { set => Put(value); }

    public object? PatientTelephoneNumbers { set => Put(value); }

    public object? PatientWeight { set => Put(value); }

    public object? PerformedProcedureStepDescription { set => Put(value); }

    public object? PerformedProcedureStepID { set => Put(value); }

    public object? PerformedProcedureStepStartDate { set => Put(value); }

    public object? PerformedProcedureStepStartTime { set => Put(value); }

    public object? PerformedStationAETitle { set => Put(value); }

    public object? PerformedStationName { set => Put(value); }

    public object? PerformingPhysicianName { set => Put(value); }

    public object? PhysiciansOfRecord { set => Put(value); }

    public object? PregnancyStatus { set => Put(value); }

    public object? PresentationIntentType { set => Put(value); }

    public object? ProcedureCodeSequence { set => Put(value); }

    public object? ProcedureStepState { set => Put(value); }

    public object? ProtocolName { set => Put(value); }

    public object? QueryRetrieveLevel { set => Put(value); }

    public object? ReasonForTheRequestedProcedure { set => Put(value); }

    public object? ReasonForVisit { set => Put(value); }

    public object? ReferencedPatientSequence { set => Put(value); }

    public object? ReferencedRequestSequence { set => Put(value); }

    public object? ReferencedStudySequence { set => Put(value); }

    public object? ReferringPhysicianName { set => Put(value); }

    public object? RequestAttributesSequence { set => Put(value); }

    public object? RequestedProcedureCodeSequence { set => Put(value); }

    public object? RequestedProcedureDescription { set => Put(value); }

    public object? RequestedProcedureID { set => Put(value); }

    public object? RequestedProcedurePriority { set => Put(value); }

    public object? RequestingPhysician { set => Put(value); }

    public object? RequestingService { set => Put(value); }

    public object? ResponsiblePerson { set => Put(value); }

    public object? RetrieveAETitle { set => Put(value); }

    public object? Rows { set => Put(value); }

    public object? RTPlanDate { set => Put(value); }

    public object? RTPlanLabel { set => Put(value); }

    public object? RTPlanName { set => Put(value); }

    public object? ScanningSequence { set => Put(value); }

    public object? ScanOptions { set => Put(value); }

    public object? ScheduledPerformingPhysicianName { set => Put(value); }

    public object? ScheduledProcedureStepDescription { set => Put(value); }

    public object? ScheduledProcedureStepID { set => Put(value); }

    public object? ScheduledProcedureStepLocation { set => Put(value); }

    public object? ScheduledProcedureStepSequence { set => Put(value); }

    public object? ScheduledProcedureStepStartDate { set => Put(value); }

    public object? ScheduledProcedureStepStartTime { set => Put(value); }

    public object? ScheduledProcedureStepStatus { set => Put(value); }

    public object? ScheduledProtocolCodeSequence { set => Put(value); }

    public object? ScheduledStationAETitle { set => Put(value); }

    public object? ScheduledStationName { set => Put(value); }

    public object? SequenceName { set => Put(value); }

    public object? SeriesDate { set => Put(value); }

    public object? SeriesDescription { set => Put(value); }

    public object? SeriesInstanceUID { set => Put(value); }

    public object? SeriesNumber { set => Put(value); }

    public object? SeriesTime { set => Put(value); }

    public object? SliceThickness { set => Put(value); }

    public object? SmokingStatus { set => Put(value); }

    public object? SoftwareVersions { set => Put(value); }

    public object? SOPClassesInStudy { set => Put(value); }

    public object? SOPClassUID { set => Put(value); }

    public object? SOPInstanceUID { set => Put(value); }

    public object? SpatialResolution { set => Put(value); }

    public object? SpecialNeeds { set => Put(value); }

    public object? SpecificCharacterSet { set => Put(value); }

    public object? StationName { set => Put(value); }

    public object? StorageMediaFileSetID { set => Put(value); }

    public object? StorageMediaFileSetUID { set => Put(value); }

    public object? StructureSetDate { set => Put(value); }

    public object? StructureSetLabel { set => Put(value); }

    public object? StudyDate { set => Put(value); }

    public object? StudyDescription { set => Put(value); }

    public object? StudyID { set => Put(value); }

    public object? StudyInstanceUID { set => Put(value); }

    public object? StudyTime { set => Put(value); }

    public object? TimezoneOffsetFromUTC { set => Put(value); }

    public object? TransferSyntaxUID { set => Put(value); }

    public object? TreatmentDate { set => Put(value); }

    public object? VerificationFlag { set => Put(value); }

    public object? VerifyingObserverSequence { set => Put(value); }

    public object? ViewPosition { set => Put(value); }
}
