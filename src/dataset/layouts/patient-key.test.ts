import { expect, it } from 'vitest';
import { patientKey } from './patient-key';

it.each([
  ['HEALTHY/00001389_001.jpeg', 'PNEUMONIA/00001389_003.jpeg'],
  ['train/patient00012/study1/view1_frontal.jpg', 'valid/patient12/study2/view1_frontal.jpg'],
  ['P/person12_bacteria_47.jpeg', 'P/person12_bacteria_48.jpeg'],
  ['N/NORMAL2-IM-0115-0001.jpeg', 'N/NORMAL2-IM-0115-0001-0002.jpeg'],
  ['files/p10000032/s50414267/a.jpg', 'files/p10000032/s53189527/b.jpg'],
  ['C/1-s2.0-S0929664620300449-gr2_lrg-a.jpg', 'C/1-s2.0-S0929664620300449-gr2_lrg-d.jpg'],
  ['C/1-s2.0-S1684118220300682-main.pdf-002-a1.png', 'C/1-s2.0-S1684118220300682-main.pdf-003-b1.png'],
  ['C/ryct.2020200034.fig2.jpeg', 'C/ryct.2020200034.fig5-day4.jpeg'],
  ['C/nejmoa2001191_f1-PA.jpeg', 'C/nejmoa2001191_f4.jpeg'],
  ['C/kjr-21-e24-g001-l-a.jpg', 'C/kjr-21-e24-g003-l-a.jpg'],
  ['C/all14238-fig-0001-m-b.jpg', 'C/all14238-fig-0002-m-d.jpg'],
  ['C/covid-19-pneumonia-24-day12.jpg', 'C/covid-19-pneumonia-24-day6.jpg'],
])('%s and %s are of one patient', (a, b) => {
  expect(patientKey(a)).toBe(patientKey(b));
});

it.each([
  ['HEALTHY/00001389_001.jpeg', 'HEALTHY/00001390_001.jpeg'],
  ['P/person12_bacteria_47.jpeg', 'P/person120_bacteria_47.jpeg'],
  ['C/covid-19-pneumonia-12.jpg', 'C/covid-19-pneumonia-19.jpg'],
  ['C/covid-f12.png', 'C/covid-f13.png'],
  ['C/figure1-5e71be56.jpeg', 'C/figure1-5e73d7ae.jpeg'],
  ['A/1.png', 'B/1.png'],
  ['C/01E392EE-69F9-4E33-BFCE-E5C968654078.jpeg', 'C/03BF7561-A9BA-4C3C-B8A0-D3E585F73F3C.jpeg'],
])('%s and %s are of two', (a, b) => {
  expect(patientKey(a)).not.toBe(patientKey(b));
});
