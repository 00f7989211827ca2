/**
 * @file Which patient a radiograph is of, as far as its file name shows, so that a patient's radiographs stay in one split.
 *
 * Knows the naming of NIH ChestX-ray14, CheXpert, MIMIC-CXR, Kaggle's pneumonia set and the figures of
 * covid-chestxray-dataset. Figures of one publication count as one patient: they often are, and the split is then the
 * safer one.
 */

/** A key shared by radiographs of one patient; the path itself when the name names no patient. */
export function patientKey(path: string): string {
  const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.[A-Za-z]{3,5}$/, '');

  // CheXpert `patient00012/study1/view1_frontal.jpg`, and anyone's `patient_7`.
  const named = /(?:^|[/_. -])(patient|subject)[ _-]?0*(\d+)/i.exec(path);
  if (named !== null) return `${named[1].toLowerCase()} ${named[2]}`;
  // NIH `00001234_005`.
  const nih = /^(\d{8})_\d{3}$/.exec(stem);
  if (nih !== null) return `nih ${nih[1]}`;
  // MIMIC `p10/p10000032/s50414267/….jpg`.
  const mimic = /(?:^|\/)p(\d{8})\//.exec(path);
  if (mimic !== null) return `mimic ${mimic[1]}`;
  // Kaggle `person12_bacteria_47` and `NORMAL2-IM-0115-0001`.
  const person = /^(person\d+)_/.exec(stem);
  if (person !== null) return person[1];
  const normal = /^((?:NORMAL2-)?IM-\d+)-/.exec(stem);
  if (normal !== null) return normal[1];

  return publicationKey(stem) ?? path;
}

function publicationKey(stem: string): string | null {
  const document = /^(.+?)\.pdf(?:-|$)/i.exec(stem);
  if (document !== null) return `paper ${document[1]}`;
  // `ryct.2020200034.fig5-day4`, `1-s2.0-S0140673620303706-fx1_lrg`, `kjr-21-e24-g001-l-a`, `nejmc2001573_f1a`,
  // `all14238-fig-0001-m-b`: a figure number behind something with a publication's digits.
  const figure = /^(.+?)[-._](?:fig(?:ure)?-?\d|fx\d|gr\d|g\d{3}|f\d)/i.exec(stem);
  if (figure !== null && figure[1].replace(/\D/g, '').length >= 4) return `paper ${figure[1]}`;
  // `covid-19-pneumonia-24-day12`: one case over days.
  const days = /^(.*\d.*?)[-_]day[-_]?\d+/i.exec(stem);
  if (days !== null) return `case ${days[1]}`;
  return null;
}
