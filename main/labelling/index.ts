export { metaSetBalance, type ConceptCount, type MetaSetBalance } from './balance.ts'
export {
  disagreementProposals,
  proposeLabels,
  randomCheckProposals,
  rareConceptProposals,
  type Candidate,
  type Proposal,
  type ProposalReason,
  type ProposeOptions,
} from './propose.ts'
