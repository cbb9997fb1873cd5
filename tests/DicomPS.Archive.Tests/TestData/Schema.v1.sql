-- What is known of patients, studies, series and instances. Columns are named by the keywords of the DICOM dictionary, so that
-- the tables explain themselves to whoever opens them with another tool. A column ...Key holds the form that is compared: names in
-- capitals, dates as 20240131, times as microseconds of the day, date-times as microseconds; ...Sound holds the sounds of a name.
-- Numbers of related objects, modalities and SOP classes in a study, availability and retrieve AE title are what a peer told.
-- Odd is 1 when a value that should be single has several, or a name several component groups: such rows are compared one by one.
-- FirstSeen and LastSeen are UTC; Source is the node or AE title that it came from last.

-- A patient is an ID and its issuer. One without an ID is one for each study: nothing says that two of them are the same.
CREATE TABLE patients (
    id INTEGER PRIMARY KEY,
    PatientName TEXT, PatientNameKey TEXT, PatientNameSound TEXT,
    PatientID TEXT,
    IssuerOfPatientID TEXT,
    PatientBirthDate TEXT, PatientBirthDateKey INTEGER,
    PatientBirthTime TEXT, PatientBirthTimeKey INTEGER,
    PatientSex TEXT,
    EthnicGroup TEXT,
    PatientComments TEXT,
    OtherPatientIDs TEXT,
    OtherPatientNames TEXT, OtherPatientNamesKey TEXT,
    NumberOfPatientRelatedStudies TEXT,
    NumberOfPatientRelatedSeries TEXT,
    NumberOfPatientRelatedInstances TEXT,
    RetrieveAETitle TEXT,
    InstanceAvailability TEXT,
    Source TEXT,
    FirstSeen TEXT NOT NULL,
    LastSeen TEXT NOT NULL,
    Odd INTEGER NOT NULL
);

-- The patient's attributes stand here once more, as the study says them: one ID has several spellings of its name in every archive.
CREATE TABLE studies (
    id INTEGER PRIMARY KEY,
    patient INTEGER REFERENCES patients (id) ON DELETE CASCADE,
    StudyInstanceUID TEXT NOT NULL UNIQUE,
    StudyDate TEXT, StudyDateKey INTEGER,
    StudyTime TEXT, StudyTimeKey INTEGER,
    AccessionNumber TEXT,
    StudyID TEXT,
    StudyDescription TEXT,
    ReferringPhysicianName TEXT, ReferringPhysicianNameKey TEXT,
    NameOfPhysiciansReadingStudy TEXT, NameOfPhysiciansReadingStudyKey TEXT,
    AdmittingDiagnosesDescription TEXT,
    PatientAge TEXT,
    PatientSize TEXT,
    PatientWeight TEXT,
    Occupation TEXT,
    AdditionalPatientHistory TEXT,
    ProcedureCodeSequence BLOB,
    PatientName TEXT, PatientNameKey TEXT, PatientNameSound TEXT,
    PatientID TEXT,
    IssuerOfPatientID TEXT,
    PatientBirthDate TEXT, PatientBirthDateKey INTEGER,
    PatientBirthTime TEXT, PatientBirthTimeKey INTEGER,
    PatientSex TEXT,
    EthnicGroup TEXT,
    PatientComments TEXT,
    OtherPatientIDs TEXT,
    OtherPatientNames TEXT, OtherPatientNamesKey TEXT,
    ModalitiesInStudy TEXT,
    SOPClassesInStudy TEXT,
    NumberOfStudyRelatedSeries TEXT,
    NumberOfStudyRelatedInstances TEXT,
    RetrieveAETitle TEXT,
    InstanceAvailability TEXT,
    Source TEXT,
    FirstSeen TEXT NOT NULL,
    LastSeen TEXT NOT NULL,
    Odd INTEGER NOT NULL
);

CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    study INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    SeriesInstanceUID TEXT NOT NULL UNIQUE,
    Modality TEXT,
    SeriesNumber TEXT,
    SeriesDate TEXT, SeriesDateKey INTEGER,
    SeriesTime TEXT, SeriesTimeKey INTEGER,
    SeriesDescription TEXT,
    BodyPartExamined TEXT,
    Laterality TEXT,
    ProtocolName TEXT,
    PerformingPhysicianName TEXT, PerformingPhysicianNameKey TEXT,
    OperatorsName TEXT, OperatorsNameKey TEXT,
    InstitutionName TEXT,
    InstitutionalDepartmentName TEXT,
    StationName TEXT,
    Manufacturer TEXT,
    ManufacturerModelName TEXT,
    FrameOfReferenceUID TEXT,
    PerformedProcedureStepStartDate TEXT, PerformedProcedureStepStartDateKey INTEGER,
    PerformedProcedureStepStartTime TEXT, PerformedProcedureStepStartTimeKey INTEGER,
    PerformedProcedureStepID TEXT,
    RequestAttributesSequence BLOB,
    NumberOfSeriesRelatedInstances TEXT,
    RetrieveAETitle TEXT,
    InstanceAvailability TEXT,
    Source TEXT,
    FirstSeen TEXT NOT NULL,
    LastSeen TEXT NOT NULL,
    Odd INTEGER NOT NULL
);

CREATE TABLE instances (
    id INTEGER PRIMARY KEY,
    series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    SOPInstanceUID TEXT NOT NULL UNIQUE,
    SOPClassUID TEXT,
    InstanceNumber TEXT,
    ContentDate TEXT, ContentDateKey INTEGER,
    ContentTime TEXT, ContentTimeKey INTEGER,
    AcquisitionNumber TEXT,
    AcquisitionDate TEXT, AcquisitionDateKey INTEGER,
    AcquisitionTime TEXT, AcquisitionTimeKey INTEGER,
    AcquisitionDateTime TEXT, AcquisitionDateTimeKey INTEGER,
    InstanceCreationDate TEXT, InstanceCreationDateKey INTEGER,
    InstanceCreationTime TEXT, InstanceCreationTimeKey INTEGER,
    NumberOfFrames TEXT,
    Rows TEXT,
    Columns TEXT,
    BitsAllocated TEXT,
    PhotometricInterpretation TEXT,
    ConceptNameCodeSequence BLOB,
    ImageType TEXT,
    AvailableTransferSyntaxUID TEXT,
    RetrieveAETitle TEXT,
    InstanceAvailability TEXT,
    Path TEXT,
    FileSize INTEGER,
    FileTime INTEGER,
    TransferSyntaxUID TEXT,
    Source TEXT,
    FirstSeen TEXT NOT NULL,
    LastSeen TEXT NOT NULL,
    Odd INTEGER NOT NULL
);

CREATE INDEX patients_id ON patients (PatientID);
CREATE INDEX patients_name ON patients (PatientNameKey);
CREATE INDEX patients_odd ON patients (Odd) WHERE Odd = 1;
CREATE INDEX studies_patient ON studies (patient);
CREATE INDEX studies_patient_id ON studies (PatientID);
CREATE INDEX studies_name ON studies (PatientNameKey);
CREATE INDEX studies_date ON studies (StudyDateKey);
CREATE INDEX studies_accession ON studies (AccessionNumber);
CREATE INDEX studies_odd ON studies (Odd) WHERE Odd = 1;
CREATE INDEX series_study ON series (study, Modality);
CREATE INDEX series_modality ON series (Modality, study);
CREATE INDEX series_odd ON series (Odd) WHERE Odd = 1;
CREATE INDEX instances_series ON instances (series, SOPClassUID);
CREATE INDEX instances_path ON instances (Path);
